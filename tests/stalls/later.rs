//! What a play does after a sign-in: an old client's sign-in in one word, conversations, the HTTP gateway, challenges.

use super::Player;
use nudge::msnp::challenge;

impl Player<'_> {
    /// The words of this file. Whether it was one.
    pub(super) fn later(&mut self, word: &str, rest: &str) -> bool {
        match word {
            "as" => {
                let (account, from) = rest.split_once(' ').unwrap_or((rest, "127.0.0.1"));
                (self.account, self.from) = (account.to_owned(), from.to_owned());
            }
            "guid" => {
                self.known.insert("guid".into(), rest.to_owned());
            }
            "old" => self.old(rest),
            "board" => self.board(rest),
            "answer" => self.answer(rest),
            "store" => self.store(rest),
            "keep" => {
                let (name, of) = rest.split_once(' ').expect("two names");
                let value = self.known.get(of).cloned().unwrap_or_default();
                self.known.insert(name.to_owned(), value);
            }
            "gateway" => {
                let (name, rest) = rest.split_once(' ').expect("a name and a query");
                let (query, body) = rest.split_once(' ').unwrap_or((rest, ""));
                self.gateway(name, query, body);
            }
            "post" => {
                let (name, body) = rest.split_once(' ').expect("a name and a body");
                self.gateway(name, &format!("SessionID=${name}"), body);
            }
            "poll" => {
                let (name, wanted) = rest.split_once(' ').expect("a name and a line");
                self.poll(name, wanted);
            }
            _ => return false,
        }
        true
    }

    /// A client of MSNP8 to 12: TWN, SYN, CHG.
    fn old(&mut self, dialect: &str) {
        let syn = match dialect {
            "MSNP8" | "MSNP9" => "SYN 5 0",
            _ => "SYN 5 0 0",
        };
        self.lines(&format!(
            "> VER 1 {dialect} CVR0\n< VER 1\n> CVR 2 0x0409 winnt 5.1 i386 MSNMSGR 7.5.0324 MSMSGS me@local\n< CVR 2\n\
             > USR 3 TWN I me@local\n< USR 3 TWN S {{params}}\n@nexus\n@login\n> USR 4 TWN S $ticket\n< USR 4 OK\n\
             > {syn}\n< SYN 5\n> CHG 6 NLN 0\n< CHG 6\nwait 3\n> PNG\n< QNG"
        ));
    }

    /// `NAME ACCOUNT [GUID]`: asks for a switchboard, goes there as NAME and calls the account; its numbers begin at 20.
    fn board(&mut self, rest: &str) {
        let mut words = rest.split(' ');
        let name = words.next().expect("a name");
        let called = words.next().expect("an account");
        let guid = words.next().map(|guid| format!(";{guid}"));
        let guid = guid.unwrap_or_default();
        self.lines(&format!(
            "> XFR 20 SB\n< XFR 20 SB {{at}} CKI {{cookie}} U\nopen {name} switchboard\n\
             > USR 21 me@local{guid} $cookie\n< USR 21 OK\n> CAL 22 {called}\n< CAL 22\n< JOI"
        ));
    }

    /// Waits for a challenge, and answers it rightly: `NUMBER PRODUCT KEY`.
    fn answer(&mut self, rest: &str) {
        let mut words = rest.split(' ');
        let mut word = || words.next().expect("a number, a product and a key");
        let (number, product, key) = (word(), word(), word());
        let asked = self.here().line(b"CHL 0 ").unwrap_or_default();
        let right = challenge::newer(&asked, product, key);
        let bytes = format!("QRY {number} {product} 32\r\n{right}");
        self.here().write(bytes.as_bytes());
        self.here().line(format!("QRY {number}").as_bytes());
    }

    /// `TO right` or `TO wrong`: leaves an offline message, first without the key of its lock, then with that.
    fn store(&mut self, rest: &str) {
        let (to, how) = rest.split_once(' ').expect("an account and a word");
        let (product, key) = ("PROD0119GSJUC$18", "ILTXC!4IXB5FB*PX");
        let ticket = self.known.get("xticket").cloned().unwrap_or_default();
        let mut lock = String::new();
        for _ in 0..3 {
            let body = format!(
                "<?xml version=\"1.0\" encoding=\"utf-8\"?><soap:Envelope xmlns:soap=\"http://schemas.xmlsoap.org/soap/envelope/\"><soap:Header><From memberName=\"{}\" friendlyName=\"=?utf-8?B?TWU=?=\" xml:lang=\"nl-nl\" proxy=\"MSNMSGR\" xmlns=\"http://messenger.msn.com/ws/2004/09/oim/\" msnpVer=\"MSNP15\" buildVer=\"8.5.1302\"/><To memberName=\"{to}\" xmlns=\"http://messenger.msn.com/ws/2004/09/oim/\"/><Ticket passport=\"{ticket}\" appid=\"{product}\" lockkey=\"{lock}\" xmlns=\"http://messenger.msn.com/ws/2004/09/oim/\"/><Sequence xmlns=\"http://schemas.xmlsoap.org/ws/2003/03/rm\"><Identifier xmlns=\"http://schemas.xmlsoap.org/ws/2002/07/utility\">http://messenger.msn.com</Identifier><MessageNumber>1</MessageNumber></Sequence></soap:Header><soap:Body><MessageType xmlns=\"http://messenger.msn.com/ws/2004/09/oim/\">text</MessageType><Content xmlns=\"http://messenger.msn.com/ws/2004/09/oim/\">MIME-Version: 1.0\r\nContent-Type: text/plain; charset=UTF-8\r\nContent-Transfer-Encoding: base64\r\nX-OIM-Message-Type: OfflineMessage\r\nX-OIM-Run-Id: {{3A3BE82C-684D-4F4F-8005-CBE8D4F82BAD}}\r\nX-OIM-Sequence-Num: 1\r\n\r\nQ2FsbCBtZSBiYWNr</Content></soap:Body></soap:Envelope>",
                self.account
            );
            let answer = self.request(format!("POST /OimWS/oim.asmx HTTP/1.1\r\nHost: ows.messenger.msn.com\r\nSOAPAction: \"http://messenger.msn.com/ws/2004/09/oim/Store2\"\r\nContent-Type: text/xml; charset=utf-8\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}", body.len()).as_bytes());
            if how == "once" {
                return;
            }
            let (_, asked) = answer.split_once("LockKeyChallenge").unwrap_or_default();
            let asked = super::between(asked, ">", "<");
            if asked.is_empty() {
                return;
            }
            let right = challenge::newer(asked, product, key);
            lock = match how {
                "right" => right,
                _ => right.chars().rev().collect(),
            };
        }
    }

    /// Brings commands by a connection of its own, and keeps what is answered and the next session.
    fn gateway(&mut self, name: &str, query: &str, body: &str) {
        let (query, body) = (self.bytes(query), self.bytes(body));
        let before = std::mem::take(&mut self.at);
        self.open(&format!("gateway http {}", self.from));
        let head = format!(
            "POST http://gateway.messenger.hotmail.com/gateway/gateway.dll?{} HTTP/1.1\r\nAccept: */*\r\nUser-Agent: MSMSGS\r\nHost: gateway.messenger.hotmail.com\r\nProxy-Connection: Keep-Alive\r\nConnection: close\r\nContent-Type: application/x-msn-messenger\r\nContent-Length: {}\r\n\r\n",
            String::from_utf8_lossy(&query),
            body.len()
        );
        self.here().write(&[head.as_bytes(), &body].concat());
        let answer = self.here().rest();
        self.connections.remove("gateway");
        self.at = before;
        let session = super::between(&answer, "SessionID=", ";");
        if !session.is_empty() {
            self.known.insert(name.to_owned(), session.to_owned());
        }
        let heard = format!("heard {name}");
        let body = answer.split_once("\r\n\r\n").map_or("", |(_, body)| body);
        self.known.entry(heard).or_default().push_str(body);
    }

    /// Polls until a line begins so, ten times at most.
    fn poll(&mut self, name: &str, wanted: &str) {
        let (begin, names) = wanted.split_once('{').unwrap_or((wanted, ""));
        let (begin, names) = (begin.to_owned(), names.to_owned());
        for _ in 0..10 {
            let heard = self.known.get(&format!("heard {name}"));
            let heard = heard.cloned().unwrap_or_default();
            if let Some(at) = heard.find(&begin) {
                let line = heard[at + begin.len()..].lines().next();
                let line = line.unwrap_or_default().to_owned();
                return self.names(&names, &line);
            }
            self.gateway(
                name,
                &format!("Action=poll&Lifespan=1&SessionID=${name}"),
                "",
            );
        }
    }

    /// Lines of a word, in the name of the account at hand.
    pub(super) fn lines(&mut self, lines: &str) {
        self.play(&lines.replace("me@local", &self.account.clone()));
    }
}
