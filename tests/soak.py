#!/usr/bin/env python3
"""A soak: clients that come, talk, flood, stall and go beside a thousand that rest.

    cargo build --release && python3 tests/soak.py [target/release/nudge] [MINUTES] [RESTING]

It starts nudge headless on free ports of loopback, with a folder of its own. Each minute it prints memory and descriptors of
the process, what a healthy client waited for its PNG (p50, p99, most), how often each thing was done, and how many clients
were there. At the end it says whether memory and descriptors stayed flat: the last third against the middle one. The clients
are threads and sockets of this one process, which takes time that nudge then lacks. Linux only (/proc).
"""
import json, os, random, re, resource, select, socket, subprocess, sys, tempfile, threading, time

BINARY = sys.argv[1] if len(sys.argv) > 1 else "target/release/nudge"
MINUTES = float(sys.argv[2]) if len(sys.argv) > 2 else 30
RESTING = int(sys.argv[3]) if len(sys.argv) > 3 else 1000
# How many there are of each kind at any time.
COMERS, TALKERS, FLOODERS, STALLERS = 4, 4, 2, 8
SPACE = "http://www.msn.com/webservices/AddressBook"

counts, lock, ending = {}, threading.Lock(), threading.Event()


def did(what):
    with lock:
        counts[what] = counts.get(what, 0) + 1


class Nudge:
    def __init__(self):
        self.folder = tempfile.TemporaryDirectory()
        os.makedirs(self.folder.name + "/certs", mode=0o700)
        free = "127.0.0.1:0"
        self.process = subprocess.Popen(
            [os.path.abspath(BINARY), "--headless", "--notification", free, "--https", free, "--http", free],
            cwd=self.folder.name, env={**os.environ, "HOME": self.folder.name, "XDG_DATA_HOME": self.folder.name},
            stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.doors = {}
        while len(self.doors) < 4:
            event = json.loads(self.process.stdout.readline())
            if event["event"] == "listening":
                host, port = event["address"].rsplit(":", 1)
                self.doors[event["service"]] = (host, int(port))
        threading.Thread(target=self.drain, daemon=True).start()

    def drain(self):
        # In large pieces, and unread: whoever takes the events slowly slows the clients down.
        while os.read(self.process.stdout.fileno(), 1 << 20):
            pass

    def say(self, command):
        try:
            self.process.stdin.write(command.encode() + b"\n")
            self.process.stdin.flush()
        except OSError:
            pass

    def memory(self):
        text = open(f"/proc/{self.process.pid}/status").read()
        return int(re.search(r"VmRSS:\s+(\d+)", text).group(1)) / 1024

    def descriptors(self):
        return len(os.listdir(f"/proc/{self.process.pid}/fd"))


class Line:
    """A connection that is read line by line. What a line carries is skipped."""

    def __init__(self, address):
        self.socket = socket.create_connection(address, timeout=60)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.held = b""

    def send(self, text):
        self.socket.sendall(text.encode())

    def until(self, wanted):
        """The line that begins so."""
        while True:
            while b"\r\n" in self.held:
                line, self.held = self.held.split(b"\r\n", 1)
                words = line.split(b" ")
                if words[0] in (b"MSG", b"UBX", b"GCF", b"UBN", b"NOT", b"FQY") and words[-1].isdigit():
                    length = int(words[-1])
                    while len(self.held) < length:
                        self.more()
                    self.held = self.held[length:]
                if line.startswith(wanted):
                    return line.decode("utf-8", "replace")
            self.more()

    def more(self):
        piece = self.socket.recv(1 << 16)
        if not piece:
            raise EOFError
        self.held += piece

    def close(self):
        self.socket.close()


def asked(address, request):
    s = socket.create_connection(address, timeout=60)
    try:
        s.sendall(request)
        got = b""
        while piece := s.recv(1 << 16):
            got += piece
        return got
    finally:
        s.close()


def ticket(nudge, account):
    who = account.replace("@", "%40")
    request = f"GET /login2.srf HTTP/1.1\r\nHost: login.passport.com\r\nAuthorization: Passport1.4 sign-in={who},pwd=asdf\r\nConnection: close\r\n\r\n"
    return re.search(rb"from-PP='([^']+)'", asked(nudge.doors["http"], request.encode())).group(1).decode()


def signed_in(nudge, account, dialect="MSNP12"):
    line = Line(nudge.doors["notification"])
    line.send(f"VER 1 {dialect}\r\nCVR 2 0x0409 winnt 5.1 i386 MSNMSGR 7.5.0324 MSMSGS {account}\r\nUSR 3 TWN I {account}\r\n")
    line.until(b"USR 3 TWN S")
    line.send(f"USR 4 TWN S {ticket(nudge, account)}\r\n")
    line.until(b"USR 4 OK")
    line.send("CHG 5 NLN 0\r\nPNG\r\n")
    line.until(b"QNG")
    return line


def rest(nudge, clients):
    """The resting: they read what comes, ping now and then, and nothing more."""
    poll, last = select.poll(), time.time()
    by_number = {}
    for line in clients:
        line.socket.setblocking(False)
        by_number[line.socket.fileno()] = line
        poll.register(line.socket, select.POLLIN)
    while not ending.is_set():
        for number, _ in poll.poll(500):
            try:
                if not by_number[number].socket.recv(1 << 16):
                    raise OSError
            except BlockingIOError:
                pass
            except OSError:
                did("resting client lost")
                poll.unregister(number)
                del by_number[number]
        if time.time() - last > 45:
            last = time.time()
            for line in by_number.values():
                try:
                    line.socket.send(b"PNG\r\n")
                except OSError:
                    pass


def come_and_go(nudge, n):
    """Signs in, asks for the book, stays a moment, and goes: well, without a word, or in the middle of a line."""
    account = f"comes{n}{random.randrange(100)}@local"
    line = signed_in(nudge, account, random.choice(["MSNP9", "MSNP11", "MSNP12", "MSNP15"]))
    t = ticket(nudge, account).replace("&", "&amp;")
    body = f'<soap:Envelope xmlns:soap="http://schemas.xmlsoap.org/soap/envelope/"><soap:Header><ABAuthHeader xmlns="{SPACE}"><TicketToken>{t}</TicketToken></ABAuthHeader></soap:Header><soap:Body><ABFindAll xmlns="{SPACE}"/></soap:Body></soap:Envelope>'
    asked(nudge.doors["http"], f"POST /abservice/abservice.asmx HTTP/1.1\r\nHost: contacts.msn.com\r\nSOAPAction: {SPACE}/ABFindAll\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n{body}".encode())
    ending.wait(random.random() * 2)
    last = random.choice(["OUT\r\n", "", "CHG 9 AW"])
    line.send(last)
    line.close()
    did("came and went")


def talk(nudge, n):
    """Calls a contact, says some sentences, and leaves."""
    account = f"talks{n}@local"
    line = signed_in(nudge, account)
    line.send("XFR 9 SB\r\n")
    words = line.until(b"XFR 9 SB").split(" ")
    host, port = words[3].rsplit(":", 1)
    board = Line((host, int(port)))
    board.send(f"USR 1 {account} {words[5]}\r\nCAL 2 online@local\r\n")
    board.until(b"JOI")
    for said in range(20):
        text = f"MIME-Version: 1.0\r\nContent-Type: text/plain; charset=UTF-8\r\n\r\n{'word ' * random.randrange(1, 200)}"
        board.send(f"MSG {said + 3} A {len(text)}\r\n{text}")
        board.until(f"ACK {said + 3}".encode())
        did("sentence said")
        if ending.wait(random.random() * 0.2):
            break
    board.send("OUT\r\n")
    board.close()
    line.send("OUT\r\n")
    line.close()


def flood(nudge, n):
    """Much at once, for some seconds: pings, questions of 60 KB, random bytes, requests that make no sense."""
    line = signed_in(nudge, f"floods{n}@local")
    line.socket.settimeout(2)
    domain = "d" * 255
    contacts = "".join(f'<c n="{i}"/>' for i in range(3500))
    question = f'<ml><d n="{domain}">{contacts}</d></ml>'
    until = time.time() + 5
    try:
        while time.time() < until and not ending.is_set():
            line.send("PNG\r\n" * 200)
            line.send(f"FQY 9 {len(question)}\r\n{question}")
            for door in ("http", "https", "notification", "switchboard"):
                s = socket.create_connection(nudge.doors[door], timeout=5)
                try:
                    s.sendall(os.urandom(2000))
                finally:
                    s.close()
            # Half of the time it reads what it asked for.
            if random.random() < 0.5:
                line.socket.recv(1 << 20)
            did("flood")
            time.sleep(0.05)
    finally:
        line.close()
    ending.wait(3)


def stall(nudge, n):
    """Begins something and does not end it: a line, a body, a hello of TLS, an answer that is not read."""
    kind = n % 4
    door = ["notification", "http", "https", "http"][kind]
    s = socket.create_connection(nudge.doors[door], timeout=60)
    s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    s.sendall([
        b"VER 1 MSNP",
        b"POST /RST.srf HTTP/1.1\r\nHost: login.live.com\r\nContent-Length: 260000\r\n\r\n" + b"x" * 200000,
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x01",
        b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n" * 40,
    ][kind])
    ending.wait(5 + random.random() * 20)
    s.close()
    did("stall")


def again(does, nudge, n):
    while not ending.is_set():
        try:
            does(nudge, n)
        except (OSError, EOFError, AttributeError, IndexError):
            did(f"{does.__name__} cut off")
            ending.wait(0.5)


def healthy(nudge, times):
    line = signed_in(nudge, "healthy@local")
    while not ending.is_set():
        begin = time.perf_counter()
        line.send("PNG\r\n")
        line.until(b"QNG")
        with lock:
            times.append((time.perf_counter() - begin) * 1000)
        time.sleep(0.02)


def operate(nudge):
    """The operator flips contacts, so that a thousand are told."""
    while not ending.wait(2):
        nudge.say(f"status busy {random.choice(['online', 'busy', 'away', 'lunch'])}")
        did("flip")


soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
nudge, times, rows = Nudge(), [], []
began = time.time()
resting = [signed_in(nudge, f"rests{n}@local") for n in range(RESTING)]
print(f"{RESTING} rest after {time.time() - began:.0f} s: {nudge.memory():.0f} MiB, {nudge.descriptors()} descriptors", flush=True)
jobs = [(rest, (nudge, resting)), (operate, (nudge,)), (healthy, (nudge, times))]
for does, count in ((come_and_go, COMERS), (talk, TALKERS), (flood, FLOODERS), (stall, STALLERS)):
    jobs += [(again, (does, nudge, n)) for n in range(count)]
for does, arguments in jobs:
    threading.Thread(target=does, args=arguments, daemon=True).start()
print("| minute | MiB | descriptors | PNG p50 | p99 | most | done |")
print("|---|---|---|---|---|---|---|", flush=True)
end, minute = time.time() + MINUTES * 60, 0
while time.time() < end and nudge.process.poll() is None:
    ending.wait(min(60, max(0, end - time.time())))
    minute += 1
    with lock:
        waited, done = sorted(times), dict(counts)
        times.clear()
        counts.clear()
    if nudge.process.poll() is not None:
        break
    at = lambda share: f"{waited[min(len(waited) - 1, int(len(waited) * share))]:.1f} ms" if waited else "–"
    rows.append((nudge.memory(), nudge.descriptors()))
    done = ", ".join(f"{count} × {what}" for what, count in sorted(done.items()))
    print(f"| {minute} | {rows[-1][0]:.0f} | {rows[-1][1]} | {at(0.5)} | {at(0.99)} | {at(1)} | {done} |", flush=True)
ending.set()
if nudge.process.poll() is not None:
    sys.exit(f"nudge ended by itself, with code {nudge.process.returncode}")
third = max(1, len(rows) // 3)
middle, last = rows[-2 * third:-third] or rows, rows[-third:]
for what, column, slack in (("memory in MiB", 0, 1.1), ("descriptors", 1, 1.1)):
    before, after = (max(row[column] for row in part) for part in (middle, last))
    flat = "flat" if after <= before * slack + 20 else "NOT FLAT"
    print(f"{what}: at most {before:.0f} in the middle third, {after:.0f} in the last: {flat}")
for line in resting:
    line.close()
time.sleep(60 if MINUTES >= 3 else 20)
print(f"after all have gone: {nudge.memory():.0f} MiB, {nudge.descriptors()} descriptors")
nudge.say("quit")
print(f"exit code {nudge.process.wait(30)}")
