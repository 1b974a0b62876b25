//! Carrying out the operator's commands, one after the other. Every outcome is an event with the
//! command's number; nothing here waits for room for an event.

use super::encoded_book::LONG;
use super::gifts;
use super::given;
use super::hub::Hub;
use super::link::Ending;
use super::named;
use super::notification::{Mail, Mailbox};
use super::switchboard::Switchboard;
use super::talk;
use crate::control::{Action, Command, EVERY_CONTACT, Target};
use crate::event::{ClientId, CommandId, EventKind, EventSink, Reply, ReplyData, Step};
use crate::msnp::inject;
use crate::roster::{Applied, Contact, Edit, EditError, Roster, Side};
use bytes::Bytes;
use std::sync::Arc;
use tokio::sync::mpsc;

/// What came of an action.
pub type Outcome = Result<(String, ReplyData), String>;

/// Who writes the roster to its files.
pub trait Keeper: Send {
    /// Writes it, and says in a sentence what was written. What another program has written meanwhile goes into the
    /// roster first, by `apply`, which gives back the roster of then; `side` decides where both have changed the same.
    ///
    /// # Errors
    /// A sentence.
    fn save(
        &mut self,
        roster: &Roster,
        side: Option<Side>,
        apply: &mut dyn FnMut(Vec<Edit>) -> Result<Arc<Roster>, EditError>,
    ) -> Result<String, String>;

    /// What differs from the files, a few words each.
    fn unsaved(&self, roster: &Roster) -> Vec<String>;
}

/// Starts clients of the program's own, which sign in here.
pub trait Players: Send {
    /// Starts another one, and says so in a sentence.
    ///
    /// # Errors
    /// A sentence.
    fn another(&mut self) -> Result<String, String>;

    /// Clients whose sign-in is paced take their remaining steps at once.
    ///
    /// # Errors
    /// A sentence: there is none.
    fn hurry(&mut self) -> Result<String, String>;
}

/// Carries out commands until one of them is to quit, or nobody is left who could give one.
pub async fn obey(
    hub: Arc<Hub>,
    switchboard: Arc<Switchboard>,
    events: EventSink,
    keeper: Arc<parking_lot::Mutex<dyn Keeper>>,
    mut players: Option<impl Players>,
    mut commands: mpsc::UnboundedReceiver<Command>,
) {
    while let Some(Command { id, action }) = commands.recv().await {
        let quit = action == Action::Quit;
        let begun = match &action {
            Action::Picture { client, file } => Some(
                named::one(&hub, client)
                    .and_then(|client| given::picture(&hub, &switchboard, client, file.clone())),
            ),
            Action::Fetch { client, name, file } => {
                Some(named::one(&hub, client).and_then(|client| {
                    given::object(&switchboard, client, name.clone(), file.clone())
                }))
            }
            Action::Accept { client, file } => Some(
                named::one(&hub, client)
                    .and_then(|client| given::accept(&switchboard, client, file.clone())),
            ),
            Action::Talk { contact, to, what } if gifts::needs(what) => Some(Ok(gifts::give(
                hub.clone(),
                switchboard.clone(),
                contact.clone(),
                to.clone(),
                what.clone(),
            ))),
            _ => None,
        };
        match begun {
            Some(Ok(later)) => {
                let events = events.clone();
                tokio::spawn(async move { reply(&events, id, later.await) });
                continue;
            }
            Some(Err(text)) => {
                reply(&events, id, Err(text));
                continue;
            }
            None => {}
        }
        let mut play = |what: fn(&mut _) -> Result<String, String>| {
            let nobody = || "a client needs the doors for MSNP and for HTTPS".to_owned();
            players.as_mut().ok_or_else(nobody).and_then(what).map(said)
        };
        let outcome = match action {
            Action::Save { side } => save(hub.clone(), keeper.clone(), side).await.map(said),
            Action::Demo => play(Players::another),
            Action::Hurry => play(Players::hurry),
            action if is_long(&action) => {
                let (hub, switchboard) = (hub.clone(), switchboard.clone());
                let done =
                    tokio::task::spawn_blocking(move || carry_out(&hub, &switchboard, action));
                let done = done.await;
                done.unwrap_or_else(|error| Err(error.to_string()))
            }
            action => carry_out(&hub, &switchboard, action),
        };
        reply(&events, id, outcome);
        if quit {
            return;
        }
    }
}

fn reply(events: &EventSink, command: CommandId, outcome: Outcome) {
    let (ok, text, data) = match outcome {
        Ok((text, data)) => (true, text, data),
        Err(text) => (false, text, ReplyData::None),
    };
    events.tell(EventKind::Reply(Box::new(Reply {
        command,
        ok,
        text: text.into(),
        data,
    })));
}

/// Whether it changes so many contacts that it is done on a thread of its own.
fn is_long(action: &Action) -> bool {
    let contacts = match action {
        Action::Status { contacts, .. }
        | Action::PersonalMessage { contacts, .. }
        | Action::Media { contacts, .. }
        | Action::Remove { contacts } => match contacts.as_slice() {
            [all] if all == EVERY_CONTACT => LONG,
            contacts => contacts.len(),
        },
        // How many, only the hub knows.
        Action::Undo | Action::UndoClient { .. } => LONG,
        _ => 0,
    };
    contacts >= LONG
}

/// Writes the roster as it is then, off the runtime's threads, and says in a sentence what was written.
///
/// # Errors
/// A sentence.
pub async fn save<K: Keeper + ?Sized + 'static>(
    hub: Arc<Hub>,
    keeper: Arc<parking_lot::Mutex<K>>,
    side: Option<Side>,
) -> Result<String, String> {
    tokio::task::spawn_blocking(move || {
        // The roster is read under the lock of the files, so of two saves the later one writes the newer roster.
        let mut keeper = keeper.lock();
        keeper.save(&hub.roster(), side, &mut |edits| {
            hub.edit_all(edits, None)?;
            Ok(hub.roster())
        })
    })
    .await
    .unwrap_or_else(|error| Err(error.to_string()))
}

fn said(text: impl Into<String>) -> (String, ReplyData) {
    (text.into(), ReplyData::None)
}

/// Carries out what needs no waiting, and says in a sentence what came of it.
///
/// # Errors
/// A sentence.
pub fn carry_out(hub: &Hub, switchboard: &Arc<Switchboard>, action: Action) -> Outcome {
    let all = |contacts: &[String]| named::contacts(&hub.roster(), contacts);
    // A contact that is a signed-in client shows what it says itself, whatever the roster says.
    let real = |contacts: &[String]| -> String {
        let roster = hub.roster();
        let found = contacts.iter().filter_map(|name| roster.find(name).ok());
        let notes = found.filter_map(|contact| {
            let account = &contact.account;
            let client = hub.real(account)?;
            Some(format!(
                "; {account} is signed in as client {client}, and shows this when that one has left"
            ))
        });
        notes.collect()
    };
    let edited = |result: Result<Applied, EditError>, what: String| match result {
        Ok(applied) if applied.contacts.iter().all(|(a, b)| a == b) => {
            Ok(said(format!("{what}: it was so already")))
        }
        Ok(applied) => Ok(said(applied.result.unwrap_or(what))),
        Err(error) => Err(named::refused(&hub.roster(), &error)),
    };
    match action {
        Action::Answer(answer) => match answer.ok {
            true => Ok((answer.text, answer.data)),
            false => Err(answer.text),
        },
        Action::Status { contacts, status } => edited(
            hub.change_all(&all(&contacts), None, |c| c.status = status),
            format!("{} → {status}", contacts.join(", ")),
        )
        .map(|(text, data)| (text + &real(&contacts), data)),
        Action::PersonalMessage { contacts, text } => edited(
            hub.change_all(&all(&contacts), None, |c| {
                c.personal.message.clone_from(&text)
            }),
            format!("{}: personal message {text:?}", contacts.join(", ")),
        )
        .map(|(text, data)| (text + &real(&contacts), data)),
        Action::Media { contacts, media } => edited(
            hub.change_all(&all(&contacts), None, |c| {
                c.personal.media.clone_from(&media)
            }),
            format!("{}: media {media:?}", contacts.join(", ")),
        )
        .map(|(text, data)| (text + &real(&contacts), data)),
        Action::Name { contact, name } => edited(
            hub.change(&contact, None, |c| c.name.clone_from(&name)),
            format!("{contact}: friendly name {name:?}"),
        )
        .map(|(text, data)| (text + &real(std::slice::from_ref(&contact)), data)),
        Action::Add { account, name } => {
            let account = with_domain(&hub.roster(), account);
            if hub.roster().get(&account).is_some() {
                return Err(EditError::Exists(account).to_string());
            }
            let contact = Arc::new(Contact::new(account.clone(), name));
            edited(
                hub.edit(Edit::Put { contact, at: None }, None),
                format!("{account} was added, and is offline"),
            )
        }
        Action::Remove { contacts } => {
            let roster = hub.roster();
            let contacts = named::contacts(&roster, &contacts);
            let accounts: Result<Vec<String>, EditError> = contacts
                .iter()
                .map(|name| roster.find(name).map(|c| c.account.clone()))
                .collect();
            let accounts = accounts.map_err(|error| named::refused(&roster, &error))?;
            let them = if accounts.len() == 1 { "it" } else { "them" };
            edited(
                hub.edit_all(accounts.iter().cloned().map(Edit::Remove), None),
                format!("{} removed", accounts.join(", ")),
            )
            .map(|(text, data)| (format!("{text}; `undo` brings {them} back"), data))
        }
        Action::Replace(contact) => {
            let account = contact.account.clone();
            let contact = Arc::new(*contact);
            edited(
                hub.edit(Edit::Put { contact, at: None }, None),
                format!("{account} changed"),
            )
            .map(|(text, data)| (text + &real(&[account]), data))
        }
        Action::Undo => match hub.undo() {
            None => Err("there is nothing to undo".into()),
            Some(result) => result
                .map(|applied| said(taken_back(&applied)))
                .map_err(|error| error.to_string()),
        },
        Action::UndoClient { clients } => undo_clients(hub, &clients),
        Action::Send { to, text, checked } => send(hub, &to, &text, checked),
        Action::Talk { contact, to, what } => {
            talk::talk(hub, switchboard, &contact, &to, &what).map(said)
        }
        Action::Behave { contact, manner } => {
            // Without a text it goes by its own rules, where it has some.
            let text = format!("{contact}: {manner}");
            edited(
                hub.change(&contact, None, |c| c.manner = manner.clone()),
                text,
            )
        }
        Action::Refuse { client } => given::refuse(switchboard, named::one(hub, &client)?),
        Action::Conversations => {
            let all = switchboard.conversations();
            let lines = all.iter().map(ToString::to_string).collect();
            let text = format!("{} conversation{}", all.len(), plural(all.len()));
            Ok((text, ReplyData::Lines(lines)))
        }
        Action::Shape { clients, shape } => {
            let clients = named::clients(hub, &clients)?;
            for (_, mailbox) in &clients {
                mailbox.put(Mail::Reshape(shape));
            }
            let (who, are) = (named::words(&clients), are(clients.len()));
            Ok(said(format!("{who} {are} answered as {shape} now")))
        }
        Action::Challenge { to } => challenge(hub, &to),
        Action::Dialects(wanted) => {
            if let Some(dialects) = wanted {
                hub.set(|settings| settings.dialects = dialects);
            }
            let served = hub.settings().dialects;
            let from = match wanted {
                Some(_) => " from the next VER on",
                None => "",
            };
            Ok(said(format!("served{from}: {served}")))
        }
        Action::Kick { clients } => {
            let clients = named::clients(hub, &clients)?;
            for (_, mailbox) in &clients {
                mailbox.end(Ending::Kicked);
            }
            let (who, are) = (named::words(&clients), are(clients.len()));
            Ok(said(format!("{who} {are} being closed")))
        }
        Action::Clients => {
            let clients = hub.clients();
            let signed = clients.iter().filter(|c| c.step >= Step::SignedIn).count();
            Ok((
                format!(
                    "{} client{}, {signed} signed in",
                    clients.len(),
                    plural(clients.len())
                ),
                ReplyData::Clients(clients),
            ))
        }
        Action::Contacts => {
            let roster = hub.roster();
            Ok((
                format!("{} contact{}", roster.len(), plural(roster.len())),
                ReplyData::Contacts(roster.contacts().cloned().collect()),
            ))
        }
        Action::Quit => Ok(said("ending")),
        // Carried out by the caller, who may wait, and knows the players.
        Action::Save { .. }
        | Action::Demo
        | Action::Hurry
        | Action::Accept { .. }
        | Action::Picture { .. }
        | Action::Fetch { .. } => Err("carried out elsewhere".into()),
    }
}

/// A new account by its short name is of the domain that the contacts have.
fn with_domain(roster: &crate::roster::Roster, account: String) -> String {
    if account.contains('@') {
        return account;
    }
    let mut contacts = roster.contacts();
    let of_first = contacts.find_map(|contact| contact.account.split_once('@'));
    let domain = of_first.map_or("local", |(_, domain)| domain);
    format!("{account}@{domain}")
}

/// Takes back what these clients made, each as one step.
fn undo_clients(hub: &Hub, clients: &Target) -> Outcome {
    let ids: Vec<ClientId> = match clients {
        // Those that have left made something too.
        Target::Clients(ids) => ids.clone(),
        Target::All => hub.makers(),
        Target::Account(_) => {
            let found = named::clients(hub, clients)?;
            found.iter().map(|(info, _)| info.id).collect()
        }
    };
    let mut undone = Vec::new();
    for id in &ids {
        if let Some(result) = hub.undo_client(*id) {
            let applied = result.map_err(|error| error.to_string())?;
            undone.push(taken_back(&applied));
        }
    }
    if !undone.is_empty() {
        return Ok(said(undone.join("; ")));
    }
    Err(match ids.as_slice() {
        [] => "no client has made anything that could be taken back".into(),
        [id] => format!("client {id} has made nothing that could be taken back"),
        _ => "these clients have made nothing that could be taken back".into(),
    })
}

fn challenge(hub: &Hub, to: &Target) -> Outcome {
    let mut clients = named::clients(hub, to)?;
    if let Target::Clients(_) = to
        && let Some((info, _)) = clients.iter().find(|(info, _)| info.step < Step::SignedIn)
    {
        return Err(format!("client {} has not signed in", info.id));
    }
    clients.retain(|(info, _)| info.step >= Step::SignedIn);
    if clients.is_empty() {
        return Err("no client has signed in".into());
    }
    for (_, mailbox) in &clients {
        mailbox.put(Mail::challenge());
    }
    let count = clients.len();
    Ok(said(format!("challenged {count} client{}", plural(count))))
}

fn send(hub: &Hub, to: &Target, text: &str, checked: bool) -> Outcome {
    let clients = named::clients(hub, to)?;
    let whom = named::words(&clients);
    // Checked for every client before anything is sent to one.
    let mut letters: Vec<(Arc<Mailbox>, Bytes)> = Vec::new();
    let mut notes = Vec::new();
    for (info, mailbox) in clients {
        let wire = if checked {
            let checked = inject::checked(text, info.shape).map_err(|problems| {
                let problems: Vec<String> = problems.iter().map(ToString::to_string).collect();
                format!("not sent: {}", problems.join("; "))
            })?;
            notes.extend(checked.warnings.iter().map(ToString::to_string));
            checked.wire
        } else {
            inject::unchecked(text)
        };
        letters.push((mailbox, wire));
    }
    if letters.iter().any(|(_, wire)| wire.is_empty()) {
        return Err("not sent: there is nothing to send".into());
    }
    let length = letters.first().map_or(0, |(_, wire)| wire.len());
    for (mailbox, wire) in letters {
        mailbox.put(Mail::Inject(wire));
    }
    notes.dedup();
    let mut text = format!("{length} bytes to {whom}");
    for note in notes {
        text.push_str("; ");
        text.push_str(&note);
    }
    Ok(said(text))
}

/// What an undo brought back: `taken back: busy@local is Busy again`.
fn taken_back(undone: &Applied) -> String {
    /// So many contacts are named.
    const NAMED: usize = 3;
    // The last of the changes is undone first.
    let mut each = undone
        .contacts
        .iter()
        .rev()
        .filter_map(|changed| match changed {
            (None, Some(is)) => Some(format!("{} is there again", is.account)),
            (Some(was), None) => Some(format!("{} is gone again", was.account)),
            (Some(was), Some(is)) if was.status != is.status => {
                Some(format!("{} is {} again", is.account, is.status))
            }
            (Some(_), Some(is)) => Some(format!("{} is as it was", is.account)),
            (None, None) => None,
        });
    let named: Vec<String> = each.by_ref().take(NAMED).collect();
    let text = match named.is_empty() {
        true => "taken back".to_owned(),
        false => format!("taken back: {}", named.join(", ")),
    };
    match each.count() {
        0 => text,
        more => format!("{text} and {more} more"),
    }
}

fn are(count: usize) -> &'static str {
    if count == 1 { "is" } else { "are" }
}

fn plural(count: usize) -> &'static str {
    if count == 1 { "" } else { "s" }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::{Became, Clock, ContactChange};
    use crate::msnp::Status;
    use crate::roster::Roster;

    #[test]
    fn a_change_of_many_says_its_result_before_the_changes() {
        let (events, mut stream) = EventSink::new(Clock::start());
        let hub = Arc::new(Hub::new(
            Roster::shipped().expect("the shipped roster"),
            events,
        ));
        let switchboard = Switchboard::new(hub.clone());
        let all: Vec<String> = hub.roster().contacts().map(|c| c.account.clone()).collect();
        let action = Action::Status {
            contacts: all,
            status: Status::Away,
        };
        let (text, _) = carry_out(&hub, &switchboard, action).expect("changes");
        assert_eq!(text, "7 contacts → Away · 0 clients told");
        let first = stream.try_recv().expect("an event").event.kind;
        let is_result = matches!(&first, EventKind::Notice { text: told, .. } if *told == text);
        assert!(is_result, "{first:?}");
        let next = stream.try_recv().expect("another").event.kind;
        assert!(matches!(next, EventKind::Contact(_)), "{next:?}");
    }

    #[test]
    fn an_undo_of_many_says_so_and_a_short_name_is_of_the_domain_of_the_contacts() {
        let (events, _stream) = EventSink::new(Clock::start());
        let hub = Arc::new(Hub::new(
            Roster::shipped().expect("the shipped roster"),
            events,
        ));
        let switchboard = Switchboard::new(hub.clone());
        let said = |action| carry_out(&hub, &switchboard, action).expect("is done").0;
        let contacts = vec![EVERY_CONTACT.to_owned()];
        let removed = said(Action::Remove { contacts });
        assert!(removed.ends_with("; `undo` brings them back"), "{removed}");
        let undone = said(Action::Undo);
        assert!(undone.starts_with("taken back: "), "{undone}");
        let (account, name) = ("new".to_owned(), None);
        let added = said(Action::Add { account, name });
        assert_eq!(added, "new@local was added, and is offline");
    }

    #[test]
    fn a_drift_is_not_taken_back_and_leaves_alone_what_the_operator_changed() {
        let (events, mut stream) = EventSink::new(Clock::start());
        let hub = Hub::new(Roster::shipped().expect("the shipped roster"), events);
        let was = hub.roster().get("busy@local").expect("is there").clone();
        let is = hub.drift(&was, Status::Away).expect("drifts");
        assert_eq!(is.status, Status::Away);
        let told = stream.try_recv().expect("an event").event.kind;
        let is_marked = |change: &ContactChange| change.change == Became::Drift;
        assert!(matches!(&told, EventKind::Contact(change) if is_marked(change)));
        assert!(hub.undo().is_none(), "nothing of the operator's");
        let flip = hub.change("busy", None, |c| c.status = Status::Online);
        flip.expect("changes");
        assert_eq!(hub.drift(&is, Status::Busy), None);
        let now = hub.roster().get("busy@local").expect("is there").status;
        assert_eq!(now, Status::Online);
    }

    #[test]
    fn an_undo_says_what_it_brought_back() {
        let (events, _stream) = EventSink::new(Clock::start());
        let hub = Hub::new(Roster::shipped().expect("the shipped roster"), events);
        let undone = || taken_back(&hub.undo().expect("something").expect("is undone"));
        let all: Vec<String> = hub.roster().contacts().map(|c| c.account.clone()).collect();
        let changed = hub.change("busy", None, |c| c.status = Status::Away);
        changed.expect("changes");
        let changed = hub.change_all(&all, None, |c| c.personal.message = "x".into());
        changed.expect("changes");
        assert_eq!(
            undone(),
            "taken back: online@local is as it was, busy@local is as it was, idle@local is as it was and 5 more"
        );
        assert_eq!(undone(), "taken back: busy@local is Busy again");
        let removed = hub.edit(Edit::Remove("phone@local".into()), None);
        removed.expect("is removed");
        assert_eq!(undone(), "taken back: phone@local is there again");
    }
}
