//! Passport 1.4: the nexus names the login address, the login gives a ticket.

use super::config::Config;
use super::error::{ClientError, Wrong};
use super::http::{Answer, Ask, Url, UrlError, Web};
use super::mask::masked_fields;
use super::reporter::Reporter;
use crate::msnp::{Family, percent};
use hyper::http::HeaderValue;

const NEXUS: (&str, &str) = ("nexus.passport.com", "/rdr/pprdr.asp");
/// How many login servers may refer to one another.
const MAX_REFERRALS: usize = 5;

/// Asks the nexus where to log in.
pub(super) async fn nexus(web: &Web, reporter: &mut Reporter) -> Result<Url, ClientError> {
    let url = Url::new(NEXUS.0, NEXUS.1);
    let ask = Ask {
        method: "GET",
        url: url.clone(),
        headers: Vec::new(),
        body: String::new(),
    };
    let answer = web
        .exchange(ask, reporter, |answer| one(answer, "PassportURLs"))
        .await?;
    let failed = |why: Wrong| ClientError::Nexus {
        url: url.to_string(),
        why,
    };
    let Some(fields) = answer.header("PassportURLs") else {
        return Err(failed(Wrong::NoUrls(answer.status)));
    };
    let login = field(&fields, "DALogin").ok_or_else(|| failed(Wrong::NoLogin(fields)))?;
    login
        .parse()
        .map_err(|why: UrlError| failed(Wrong::LoginUrl(why.to_string())))
}

/// Logs in as clients of this family do, and returns the ticket exactly as it came.
/// `parameters` are those of `USR n TWN S`, handed on unread.
pub(super) async fn login(
    web: &Web,
    reporter: &mut Reporter,
    config: &Config,
    first: &Url,
    parameters: &[u8],
) -> Result<String, ClientError> {
    let (method, fields) = match config.family {
        Family::Mac => ("POST", authorization(config, parameters)),
        Family::Windows => ("GET", authorization_of_windows(config, parameters)),
    };
    let mut url = first.clone();
    for _ in 0..=MAX_REFERRALS {
        let failed = |why: Wrong| ClientError::Login {
            url: url.to_string(),
            why,
        };
        let mut authorization =
            HeaderValue::from_bytes(&fields).map_err(|_| failed(Wrong::Parameters))?;
        authorization.set_sensitive(true);
        let ask = Ask {
            method,
            url: url.clone(),
            headers: vec![("Authorization", authorization)],
            body: String::new(),
        };
        let answer = web.exchange(ask, reporter, detail).await?;
        if let Some(location) = answer
            .header("Location")
            .filter(|_| matches!(answer.status, 301 | 302 | 303 | 307 | 308))
        {
            url = url
                .join(&location)
                .map_err(|why| failed(Wrong::Referral(why.to_string())))?;
            continue;
        }
        return ticket(&answer).map_err(failed);
    }
    Err(ClientError::Login {
        url: first.to_string(),
        why: Wrong::Referrals(MAX_REFERRALS),
    })
}

/// The header in exactly the article's order.
fn authorization(config: &Config, parameters: &[u8]) -> Vec<u8> {
    let mut value = b"Passport1.4 ".to_vec();
    value.extend_from_slice(parameters);
    value.extend_from_slice(
        format!(
            ",OrgVerb=GET,OrgURL=http%3A%2F%2Fmessenger.msn.com,sign-in={},pwd={}",
            percent::encode(&config.account),
            percent::encode(&config.password)
        )
        .as_bytes(),
    );
    value
}

/// The header in the order of clients that were watched at MSNP8 to MSNP12.
fn authorization_of_windows(config: &Config, parameters: &[u8]) -> Vec<u8> {
    let mut value = format!(
        "Passport1.4 OrgVerb=GET,OrgURL=http%3A%2F%2Fmessenger%2Emsn%2Ecom,sign-in={},pwd={},",
        percent::encode(&config.account),
        percent::encode(&config.password)
    )
    .into_bytes();
    value.extend_from_slice(parameters);
    value
}

fn ticket(answer: &Answer) -> Result<String, Wrong> {
    if let Some(fields) = answer.header("WWW-Authenticate") {
        let say = |name| field(&fields, name).unwrap_or_else(|| "not given".to_owned());
        let (status, realm) = (say("da-status"), say("srealm"));
        return Err(Wrong::Refused(format!(
            "status {}, da-status {status}, srealm {realm}",
            answer.status
        )));
    }
    let Some(fields) = answer.header("Authentication-Info") else {
        return Err(Wrong::NeitherHeader(answer.status));
    };
    let Some(ticket) = field(&fields, "from-PP") else {
        let status = field(&fields, "da-status");
        return Err(Wrong::NoTicket(
            status.unwrap_or_else(|| "not given".to_owned()),
        ));
    };
    if ticket.is_empty() || ticket.contains(|c: char| c.is_whitespace() || c.is_control()) {
        return Err(Wrong::BadTicket);
    }
    Ok(ticket)
}

/// One field of a list `Passport1.4 name=value,name='value, with commas'`.
fn field(fields: &str, name: &str) -> Option<String> {
    let mut rest = fields.trim();
    if let Some((scheme, after)) = rest.split_once(' ')
        && !scheme.contains('=')
    {
        rest = after;
    }
    while let Some((key, after)) = rest.split_once('=') {
        let (value, next) = match after.strip_prefix('\'') {
            Some(quoted) => {
                let (value, next) = quoted.split_once('\'')?;
                (value, next.trim_start().strip_prefix(',').unwrap_or(""))
            }
            None => after.split_once(',').unwrap_or((after, "")),
        };
        if key.trim().eq_ignore_ascii_case(name) {
            return Some(value.trim().to_owned());
        }
        rest = next;
    }
    None
}

fn one(answer: &Answer, name: &str) -> String {
    answer
        .header(name)
        .map(|value| format!("{name}: {value}"))
        .unwrap_or_default()
}

fn detail(answer: &Answer) -> String {
    ["Authentication-Info", "WWW-Authenticate", "Location"]
        .iter()
        .filter_map(|name| {
            let value = answer.header(name)?;
            Some(format!("{name}: {}", masked_fields(&value)))
        })
        .collect::<Vec<_>>()
        .join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_articles_header() {
        let config = Config::default();
        assert_eq!(
            authorization(&config, b"fake=1"),
            b"Passport1.4 fake=1,OrgVerb=GET,OrgURL=http%3A%2F%2Fmessenger.msn.com,sign-in=me%40local,pwd=asdf"
        );
    }

    #[test]
    fn fields_are_split_at_their_first_equals_and_quotes_are_kept_together() {
        let info = "Passport1.4 da-status=success,tname=x, from-PP='t=a,b&p=c',ru=http://x";
        assert_eq!(field(info, "from-PP").as_deref(), Some("t=a,b&p=c"));
        assert_eq!(field(info, "ru").as_deref(), Some("http://x"));
        assert_eq!(field(info, "pwd"), None);
        let urls = "DARealm=Passport.Net,DALogin=h:1/login2.srf,DAReg=";
        assert_eq!(field(urls, "DALogin").as_deref(), Some("h:1/login2.srf"));
        assert_eq!(field(urls, "DAReg").as_deref(), Some(""));
        for bad in ["", "=", "from-PP", "from-PP='open", ",,,", "a='b'c='d'"] {
            assert_eq!(field(bad, "from-PP"), None, "{bad:?}");
        }
    }
}
