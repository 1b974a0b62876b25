#!/usr/bin/env python3
"""Attacks on a nudge of one's own, and what they cost it: memory, descriptors, and a healthy client's PNG.

    cargo build --release && python3 tests/reliability.py [target/release/nudge] [SECONDS] [ATTACK...]

It starts nudge headless on free ports of loopback, with a folder of its own, runs each attack for SECONDS, and prints a
row of the table in docs/reliability.md for each: all, or those whose names contain one of the words. The healthy client is a
process of its own, so that it does not wait for the interpreter of whoever attacks. Linux only (/proc).
"""
import json, multiprocessing, os, re, select, socket, subprocess, sys, tempfile, threading, time

BINARY = sys.argv[1] if len(sys.argv) > 1 else "target/release/nudge"
SECONDS = float(sys.argv[2]) if len(sys.argv) > 2 else 8
CHOSEN = [word.lower() for word in sys.argv[3:]]
forked = multiprocessing.get_context("fork")


class Nudge:
    def __init__(self, *options, accounts=None, contacts=0):
        self.folder = tempfile.TemporaryDirectory()
        os.makedirs(self.folder.name + "/certs", mode=0o700)
        if accounts or contacts:
            os.makedirs(self.folder.name + "/contacts")
        if accounts:
            open(self.folder.name + "/contacts/accounts.toml", "w").write(accounts)
        if contacts:
            entries = (f'[[contact]]\naccount = "c{n}@local"\nname = "Contact {n}"\nstatus = "online"\n' for n in range(contacts))
            open(self.folder.name + "/contacts/contacts.toml", "w").write("\n".join(entries))
        free = "127.0.0.1:0"
        self.process = subprocess.Popen(
            [os.path.abspath(BINARY), "--headless", "--notification", free, "--https", free, "--http", free, *options],
            cwd=self.folder.name, env={**os.environ, "HOME": self.folder.name, "XDG_DATA_HOME": self.folder.name},
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        self.doors, self.ended = {}, 0
        while len(self.doors) < 3:
            event = json.loads(self.process.stdout.readline())
            if event["event"] == "listening":
                host, port = event["address"].rsplit(":", 1)
                self.doors[event["service"]] = (host, int(port))
        threading.Thread(target=self.drain, daemon=True).start()

    def drain(self):
        # In large pieces: whoever takes the events slowly slows the clients down.
        while piece := os.read(self.process.stdout.fileno(), 1 << 20):
            self.ended += piece.count(b"--memory allows")

    def command(self, text):
        self.process.stdin.write(text.encode() + b"\n")
        self.process.stdin.flush()

    def rss(self):
        text = open(f"/proc/{self.process.pid}/status").read()
        return int(re.search(r"VmRSS:\s+(\d+)", text).group(1)) / 1024

    def descriptors(self):
        return len(os.listdir(f"/proc/{self.process.pid}/fd"))

    def end(self):
        self.process.terminate()
        return self.process.wait()


def connect(address):
    s = socket.create_connection(address, timeout=20)
    s.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return s


def line(s, wanted):
    got = b""
    while wanted not in got:
        piece = s.recv(65536)
        if not piece:
            raise EOFError(got[-200:])
        got += piece
    return got


def ticket(nudge, account):
    s = connect(nudge.doors["http"])
    who = account.replace("@", "%40")
    s.sendall(f"GET /login2.srf HTTP/1.1\r\nHost: login.passport.com\r\nAuthorization: Passport1.4 sign-in={who},pwd=asdf\r\nConnection: close\r\n\r\n".encode())
    return re.search(rb"from-PP='([^']+)'", line(s, b"\r\n\r\n")).group(1).decode()


def signed_in(nudge, account, dialect="MSNP15"):
    s = connect(nudge.doors["notification"])
    s.sendall(f"VER 1 {dialect}\r\nCVR 2 0x0409 mac 10 i386 macmsgs 8.0.1 macmsgs {account}\r\nUSR 3 TWN I {account}\r\n".encode())
    line(s, b"USR 3 TWN S")
    s.sendall(f"USR 4 TWN S {ticket(nudge, account)}\r\n".encode())
    line(s, b"USR 4 OK")
    s.sendall(b"CHG 5 NLN 0\r\nPNG\r\n")
    line(s, b"QNG")
    return s


def pings(nudge, stop, told):
    """A hundred PNG a second."""
    s = signed_in(nudge, "healthy@local")
    told.put(0)
    times = []
    while not stop.is_set():
        begin = time.perf_counter()
        s.sendall(b"PNG\r\n")
        try:
            line(s, b"QNG")
        except (OSError, EOFError):
            # Waited for so long as a socket waits here, or ended.
            times.append(20_000)
            break
        times.append((time.perf_counter() - begin) * 1000)
        time.sleep(0.01)
    told.put(sorted(times))


def arrivals(nudge, stop, told):
    """Twice a second somebody signs in, and sees the whole list."""
    told.put(0)
    times = []
    while not stop.is_set():
        begin = time.perf_counter()
        try:
            signed_in(nudge, "comes@local").close()
        except (OSError, EOFError):
            times.append(20_000)
            break
        times.append((time.perf_counter() - begin) * 1000)
        time.sleep(0.5)
    told.put(sorted(times))


def attack(name, bound, does, *options, accounts=None, contacts=0):
    if CHOSEN and not any(word in name.lower() for word in CHOSEN):
        return
    nudge = Nudge(*options, accounts=accounts, contacts=contacts)
    time.sleep(1)
    before, stop, watchers = nudge.rss(), forked.Event(), []
    for does_well in (pings, arrivals) if accounts is None else ():
        told = forked.Queue()
        forked.Process(target=does_well, args=(nudge, stop, told), daemon=True).start()
        told.get()
        watchers.append(told)
    peak, end, held = before, time.time() + SECONDS, []
    said, steps = "", does(nudge, held)
    try:
        for step in steps:
            if step and not said:
                # It is under way.
                end = time.time() + SECONDS
            said = step or said
            peak = max(peak, nudge.rss())
            if said and time.time() > end:
                break
    except OSError as error:
        said += f" ({error})"
    while time.time() < end:
        peak = max(peak, nudge.rss())
        time.sleep(0.2)
    steps.close()
    descriptors = nudge.descriptors()
    stop.set()
    seen = [told.get(timeout=60) for told in watchers]
    for s in held + beside:
        s.close()
    beside.clear()
    time.sleep(10)
    after = nudge.rss()
    p99 = f"{seen[0][int(len(seen[0]) * 0.99)]:.1f} ms" if seen else "–"
    longest = f"{seen[1][-1]:.0f} ms" if seen else "–"
    print(f"| {name} | {bound} | {said} | {before:.0f} → {peak:.0f} → {after:.0f} MiB | {descriptors} | {p99} | {longest} |", flush=True)
    nudge.end()


def silent(nudge, held):
    made = 0
    while True:
        for door in nudge.doors.values():
            held.append(connect(door))
            made += 1
        while len(held) > 3000:
            held.pop(0).close()
        yield f"{made} connections"


def bodies(nudge, held):
    made = 0
    while True:
        s = connect(nudge.doors["http"])
        held.append(s)
        s.sendall(b"GET /hosts.txt HTTP/1.1\r\nHost: localhost\r\n\r\n")
        line(s, b"\r\n\r\n")
        s.sendall(b"POST /RST.srf HTTP/1.1\r\nHost: login.live.com\r\nContent-Length: 260000\r\n\r\n" + b"x" * 250000)
        made += 1
        yield f"{made} bodies of 250 kB, {nudge.ended} ended"
        if made == 1500:
            return


def pressed(held, said, anew):
    """Sends this on all of these for as long as it is taken, reads no answer, and begins anew where one was ended."""
    left, asked = [b""] * len(held), 0
    for s in held:
        s.setblocking(False)
    while True:
        moved = False
        for n, s in enumerate(held):
            try:
                if not left[n]:
                    left[n] = said
                    asked += 1
                left[n] = left[n][s.send(left[n]):]
                moved = True
            except BlockingIOError:
                pass
            except OSError:
                s.close()
                held[n] = anew(n)
                held[n].setblocking(False)
                left[n] = b""
        yield f"{len(held)} that do not read, {asked} sent"
        if not moved:
            time.sleep(0.005)


def flood(said, door="notification", dialect="MSNP15"):
    """Fifty clients that send this for as long as it is taken, and do not read what is answered."""
    def does(nudge, held):
        for n in range(50):
            held.append(seated(nudge, f"asks{n}@local") if door == "switchboard" else signed_in(nudge, f"asks{n}@local", dialect))
            yield ""
        yield from pressed(held, said, lambda n: signed_in(nudge, f"asks{n}@local", dialect))
    return does


def framed(head, payload):
    payload = payload.encode("latin-1") if isinstance(payload, str) else payload
    return f"{head} {len(payload)}\r\n".encode() + payload


def listed(domain, contact, most=65_000):
    """As many contacts as 64 KiB hold."""
    text, n = f'<ml><d n="{domain}">', 0
    while len(text) < most:
        text += contact.format(n)
        n += 1
    return text + "</d></ml>"


# Every way of writing that secrets are looked for in, as much of each as there can be.
WRITTEN = ("%41&amp;\\x41=41+\n \0" * 5000)[:64_000]


# The notification connections of those that are seated.
beside = []


def seated(nudge, account):
    """Its connection to a conversation with a contact."""
    s = signed_in(nudge, account)
    s.sendall(b"XFR 6 SB\r\n")
    words = re.search(rb"XFR 6 SB (\S+):(\d+) CKI (\S+)", line(s, b"XFR 6")).groups()
    seat = connect((words[0].decode(), int(words[1])))
    seat.sendall(b"USR 1 " + account.encode() + b" " + words[2] + b"\r\n")
    line(seat, b"USR 1 OK")
    seat.sendall(b"CAL 2 online@local\r\n")
    line(seat, b"JOI")
    beside.append(s)
    return seat


def posts(body):
    """Fifty connections that send this request again and again, and do not read the answers."""
    def does(nudge, held):
        request, door = body(nudge), nudge.doors["http"]
        held.extend(connect(door) for _ in range(50))
        yield from pressed(held, request, lambda _: connect(door))
    return does


SPACE = "http://www.msn.com/webservices/AddressBook"


def soap(filling):
    """A request of 250 kB to the address book, with this between its elements."""
    def body(nudge):
        t = ticket(nudge, "reads@local").replace("&", "&amp;")
        most = (250_000 - 1_000) // len(filling)
        text = f'<soap:Envelope xmlns:soap="http://schemas.xmlsoap.org/soap/envelope/"><soap:Header><ABAuthHeader xmlns="{SPACE}"><TicketToken>{t}</TicketToken></ABAuthHeader></soap:Header><soap:Body><ABContactAdd xmlns="{SPACE}">{filling * most}</ABContactAdd></soap:Body></soap:Envelope>'
        return f"POST /abservice/abservice.asmx HTTP/1.1\r\nHost: contacts.msn.com\r\nSOAPAction: {SPACE}/ABContactAdd\r\nContent-Length: {len(text)}\r\n\r\n{text}".encode()
    return body


def find_all(nudge):
    t = ticket(nudge, "reads@local").replace("&", "&amp;")
    body = f'<soap:Envelope xmlns:soap="http://schemas.xmlsoap.org/soap/envelope/"><soap:Header><ABAuthHeader xmlns="{SPACE}"><TicketToken>{t}</TicketToken></ABAuthHeader></soap:Header><soap:Body><ABFindAll xmlns="{SPACE}"/></soap:Body></soap:Envelope>'
    return f"POST /abservice/abservice.asmx HTTP/1.1\r\nHost: contacts.msn.com\r\nSOAPAction: {SPACE}/ABFindAll\r\nContent-Length: {len(body)}\r\n\r\n{body}".encode()


def book(nudge, held):
    request = find_all(nudge)
    for _ in range(300):
        s = connect(nudge.doors["http"])
        s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        s.sendall(request)
        held.append(s)
        yield f"{len(held)} that do not read the answer"


def read_in_a_loop(address, request, done):
    """Forty connections that ask again as soon as they have the answer."""
    sockets = {}
    poll = select.poll()
    for _ in range(40):
        s = connect(address)
        s.sendall(request)
        sockets[s.fileno()] = [s, None, b""]
        poll.register(s, select.POLLIN)
    while True:
        for number, _ in poll.poll(1000):
            one = sockets[number]
            piece = one[0].recv(1 << 18)
            if not piece:
                poll.unregister(number)
                continue
            if one[1] is None:
                one[2] += piece
                if b"\r\n\r\n" not in one[2]:
                    continue
                head, piece = one[2].split(b"\r\n\r\n", 1)
                one[1] = int(re.search(rb"(?i)content-length: (\d+)", head).group(1))
            one[1] -= len(piece)
            if one[1] <= 0:
                done.value += 1
                one[1], one[2] = None, b""
                one[0].sendall(request)


def books(nudge, held):
    done = forked.Value("L", 0)
    loop = forked.Process(target=read_in_a_loop, args=(nudge.doors["http"], find_all(nudge), done), daemon=True)
    loop.start()
    try:
        while True:
            time.sleep(0.2)
            yield f"40 connections read {done.value} books of 5,000 contacts"
    finally:
        loop.kill()


def flips(nudge, held):
    for n in range(200):
        held.append(signed_in(nudge, f"rests{n}@local"))
        yield ""
    flipped = 0
    while True:
        nudge.command("status all " + ("busy", "online")[flipped % 2])
        flipped += 1
        for _ in range(15):
            time.sleep(0.2)
            yield f"{flipped} flips of 5,000 contacts, to 200 clients that do not read"


def passwords(nudge, held):
    asked, lock = [0], threading.Lock()

    def guess():
        while True:
            try:
                s = connect(nudge.doors["http"])
                s.sendall(f"GET /login2.srf HTTP/1.1\r\nHost: login.passport.com\r\nAuthorization: Passport1.4 sign-in=me%40local,pwd=no{asked[0]}\r\nConnection: close\r\n\r\n".encode())
                line(s, b"\r\n\r\n")
                with lock:
                    asked[0] += 1
            except (OSError, EOFError):
                return
    for _ in range(20):
        threading.Thread(target=guess, daemon=True).start()
    begin = time.time()
    while True:
        time.sleep(0.2)
        yield f"{asked[0] / (time.time() - begin):.1f} answers a second to 20 that guess"


def garbage(nudge, held):
    made = 0
    while True:
        for door in nudge.doors.values():
            s = connect(door)
            try:
                s.sendall(os.urandom(2000))
            except OSError:
                pass
            s.close()
            made += 1
        yield f"{made} connections of random bytes"


print("| attack | bound | what was done | memory: before → most → 10 s after | descriptors | PNG p99 beside it | longest sign-in |")
print("|---|---|---|---|---|---|---|")
attack("connections that say nothing, in a loop", "1,024 a door, shares of addresses", silent)
attack("bodies that do not end", "`--memory 67108864`", bodies, "--memory", "67108864")
long, short = "d" * 255, "d"
attack("FQY of 64 KiB, answers not read", "answer about as long as the question", flood(framed("FQY 9", listed(long, '<c n="{}"/>'))))
attack("ADL of 64 KiB", "10,000 accounts of a client", flood(framed("ADL 9", listed(long, '<c n="{}" l="3" t="1"/>'))))
attack("RML of 64 KiB", "–", flood(framed("ADL 8", listed(short, '<c n="{}" l="3" t="1"/>')) + framed("RML 9", listed(short, '<c n="{}" l="3" t="1"/>'))))
attack("UUX of 64 KiB", "–", flood(framed("UUX 9", "<Data><PSM>" + "&lt;" * 16_000 + "</PSM></Data>")))
attack("every way of writing in 64 KiB of UUX", "–", flood(framed("UUX 9", WRITTEN)))
attack("PRP and BLP, small lines", "–", flood(b"PRP 9 MFN a%20name\r\nBLP 9 AL\r\n" * 500))
attack("ADC and REM, small lines", "1,000 contacts, 5,000 members of a client", flood(b"ADC 9 AL N=x%d@d\r\nREM 9 AL x%d@d\r\n".replace(b"%d", b"1") * 500, dialect="MSNP11"))
attack("text of 64 KiB to a contact", "–", flood(framed("MSG 9 N", "MIME-Version: 1.0\r\nContent-Type: text/plain; charset=UTF-8\r\n\r\n" + WRITTEN), "switchboard"))
attack("headers of 64 KiB to a contact", "64 headers", flood(framed("MSG 9 N", "Content-Type: text/plain\r\n" + "".join(f"H{n}: v\r\n x\r\n" for n in range(4500)) + "\r\nhi"), "switchboard"))
attack("pieces of P2P to a contact", "–", flood(framed("MSG 9 D", b"MIME-Version: 1.0\r\nContent-Type: application/x-msnmsgrp2p\r\nP2P-Dest: online@local\r\n\r\n" + bytes(48) + b"x" * 1200 + bytes(4)) * 40, "switchboard"))
attack("SOAP of 250 kB, elements", "64 levels", posts(soap("<a/>")))
attack("SOAP of 250 kB, every way of writing", "–", posts(soap("%41&amp;\\x41=41+\n ")))
attack("ABFindAll, answers not read", "encoded once and shared", book)
attack("ABFindAll, read in a loop", "encoded once and shared", books, contacts=5000)
attack("a flip of every contact", "1 MiB for each client", flips, contacts=5000)
attack("random bytes at every door", "–", garbage)
attack("wrong passwords", "250 ms each from the third", passwords, accounts='[[account]]\naccount = "me@local"\npassword = "right"\n')
