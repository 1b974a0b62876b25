//! The client against a scripted fake server.

mod fake;
mod hostile;
mod signing_in;
mod talking;

use super::{Book, Client, ClientError, Config};
use std::sync::Arc;

/// The contacts of the article.
pub(super) const EIGHT: [&str; 8] = [
    "online@local",
    "busy@local",
    "idle@local",
    "away@local",
    "brb@local",
    "lunch@local",
    "phone@local",
    "hidden@local",
];

/// Signs in without HTTP: with a ticket and an address book that are at hand.
async fn signed_in(config: impl Into<Arc<Config>>, book: &Book) -> Result<Client, ClientError> {
    let mut client = Client::connect(config).await?;
    client.greet().await?;
    client.show_ticket("a=HENLO", None).await?;
    client.arrive(book).await?;
    client.settle().await?;
    Ok(client)
}
