#!/usr/bin/env python3
"""Attacks on a nudge of one's own, and what they cost it: memory, descriptors, and a healthy client's PNG.

    cargo build && python3 tests/reliability.py [target/debug/nudge] [SECONDS]

It starts nudge headless on free ports of loopback, with a folder of its own, runs each attack for SECONDS, and prints a
row of the table in docs/reliability.md for each. Linux only (/proc).
"""
import json, os, re, socket, subprocess, sys, tempfile, threading, time

BINARY = sys.argv[1] if len(sys.argv) > 1 else "target/debug/nudge"
SECONDS = float(sys.argv[2]) if len(sys.argv) > 2 else 8


class Nudge:
    def __init__(self, *options, accounts=None):
        self.folder = tempfile.TemporaryDirectory()
        os.makedirs(self.folder.name + "/contacts")
        os.makedirs(self.folder.name + "/certs", mode=0o700)
        if accounts:
            open(self.folder.name + "/contacts/accounts.toml", "w").write(accounts)
        free = "127.0.0.1:0"
        self.process = subprocess.Popen(
            [os.path.abspath(BINARY), "--headless", "--notification", free, "--https", free, "--http", free, *options],
            cwd=self.folder.name, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
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


def signed_in(nudge, account):
    s = connect(nudge.doors["notification"])
    s.sendall(f"VER 1 MSNP15\r\nCVR 2 0x0409 mac 10 i386 macmsgs 8.0.1 macmsgs {account}\r\nUSR 3 TWN I {account}\r\n".encode())
    line(s, b"USR 3 TWN S")
    s.sendall(f"USR 4 TWN S {ticket(nudge, account)}\r\n".encode())
    line(s, b"USR 4 OK")
    s.sendall(b"CHG 5 NLN 0\r\nPNG\r\n")
    line(s, b"QNG")
    return s


def pings(nudge, stop, times):
    s = signed_in(nudge, "healthy@local")
    while not stop.is_set():
        begin = time.perf_counter()
        s.sendall(b"PNG\r\n")
        try:
            line(s, b"QNG")
        except OSError:
            # Waited for so long as a socket waits here.
            return times.append(20_000)
        times.append((time.perf_counter() - begin) * 1000)
        time.sleep(0.01)


def attack(name, bound, does, *options, accounts=None):
    nudge = Nudge(*options, accounts=accounts)
    time.sleep(1)
    before, stop, times = nudge.rss(), threading.Event(), []
    healthy = threading.Thread(target=pings, args=(nudge, stop, times), daemon=True)
    if accounts is None:
        healthy.start()
    peak, end, held = before, time.time() + SECONDS, []
    said = ""
    try:
        for step in does(nudge, held):
            said = step or said
            peak = max(peak, nudge.rss())
            if time.time() > end:
                break
    except OSError as error:
        said += f" ({error})"
    while time.time() < end:
        peak = max(peak, nudge.rss())
        time.sleep(0.2)
    descriptors = nudge.descriptors()
    stop.set()
    if accounts is None:
        healthy.join(30)
    for s in held:
        s.close()
    time.sleep(10)
    after = nudge.rss()
    times.sort()
    p99 = f"{times[int(len(times) * 0.99)]:.1f} ms" if times else "–"
    print(f"| {name} | {bound} | {said} | {before:.0f} → {peak:.0f} → {after:.0f} MiB | {descriptors} | {p99} |", flush=True)
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


def fqy(nudge, held):
    contacts = "".join(f'<c n="{n}"/>' for n in range(4000))
    payload = f'<ml><d n="{"d" * 255}">{contacts}</d></ml>'
    asked = 0
    for n in range(50):
        s = signed_in(nudge, f"asks{n}@local")
        held.append(s)
        yield ""
    while True:
        for s in held:
            s.setblocking(False)
            try:
                s.send(f"FQY 9 {len(payload)}\r\n{payload}".encode())
                asked += 1
            except BlockingIOError:
                pass
        yield f"50 clients that do not read, {asked} asked"
        time.sleep(0.02)


def book(nudge, held):
    t = ticket(nudge, "reads@local").replace("&", "&amp;")
    space = "http://www.msn.com/webservices/AddressBook"
    body = f'<soap:Envelope xmlns:soap="http://schemas.xmlsoap.org/soap/envelope/"><soap:Header><ABAuthHeader xmlns="{space}"><TicketToken>{t}</TicketToken></ABAuthHeader></soap:Header><soap:Body><ABFindAll xmlns="{space}"/></soap:Body></soap:Envelope>'
    request = f"POST /abservice/abservice.asmx HTTP/1.1\r\nHost: contacts.msn.com\r\nSOAPAction: {space}/ABFindAll\r\nContent-Length: {len(body)}\r\n\r\n{body}".encode()
    for _ in range(300):
        s = connect(nudge.doors["http"])
        s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        s.sendall(request)
        held.append(s)
        yield f"{len(held)} that do not read the answer"


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


print("| attack | bound | what was done | memory: before → most → 10 s after | descriptors | PNG p99 beside it |")
print("|---|---|---|---|---|---|")
attack("connections that say nothing, in a loop", "1,024 a door, shares of addresses", silent)
attack("bodies that do not end", "`--memory 67108864`", bodies, "--memory", "67108864")
attack("FQY of 64 KiB, answers not read", "answer about as long as the question", fqy)
attack("ABFindAll, answers not read", "encoded once and shared", book)
attack("random bytes at every door", "–", garbage)
attack("wrong passwords", "250 ms each from the third", passwords, accounts='[[account]]\naccount = "me@local"\npassword = "right"\n')
