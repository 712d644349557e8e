use std::sync::{Mutex, MutexGuard, PoisonError};

use cookie_store::CookieStore;
use engineio_packet::{Sid, Transport};
use hyper::Uri;
use hyper::header::{COOKIE, HeaderMap, HeaderValue, SET_COOKIE};
use url::Url;

/// What every request of one connection has: the server's URL, our headers, and the cookies that came.
///
/// A load balancer in front of several servers knows by a cookie which of them a session belongs to. A
/// client that does not send it back meets with "Session ID unknown" at every second request.
#[derive(Debug)]
pub(crate) struct Endpoint {
    url: Url,
    headers: HeaderMap,
    /// The GET and the POST that are under way share it; it is locked for as long as a header takes.
    cookies: Mutex<CookieStore>,
}

impl Endpoint {
    pub(crate) fn new(url: Url, headers: HeaderMap) -> Self {
        Self { url, headers, cookies: Mutex::default() }
    }

    /// Where a request goes. A GET that has been asked before may be answered by a cache, so each has a
    /// `t` of its own.
    pub(crate) fn uri(&self, transport: Transport, sid: Option<&Sid>) -> Uri {
        let mut url = self.url.clone();
        let mut query = url.query_pairs_mut();
        query.append_pair("EIO", "4").append_pair("transport", transport.name());
        if let Some(sid) = sid {
            query.append_pair("sid", sid.as_str());
        }
        if transport == Transport::Polling {
            query.append_pair("t", &format!("{:08x}", rand::random::<u32>()));
        }
        drop(query);
        url.as_str().parse().expect("a URL is a URI")
    }

    /// Our headers and the cookies.
    pub(crate) fn add_headers(&self, headers: &mut HeaderMap) {
        headers.extend(self.headers.clone());
        let cookies = self.cookies();
        let mut pairs: Vec<String> = cookies
            .get_request_values(&self.url)
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        if pairs.is_empty() {
            return;
        }
        if let Some(ours) = headers.get(COOKIE).and_then(|value| value.to_str().ok()) {
            pairs.insert(0, ours.to_owned());
        }
        if let Ok(value) = HeaderValue::try_from(pairs.join("; ")) {
            headers.insert(COOKIE, value);
        }
    }

    /// Keeps the cookies of an answer, good or bad.
    pub(crate) fn keep_cookies(&self, headers: &HeaderMap) {
        for cookie in headers.get_all(SET_COOKIE) {
            if let Ok(cookie) = cookie.to_str() {
                // One that is not for us, or is no cookie, is none.
                let _ = self.cookies().parse(cookie, &self.url);
            }
        }
    }

    fn cookies(&self) -> MutexGuard<'_, CookieStore> {
        self.cookies.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
