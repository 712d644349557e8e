//! Serves a folder to the browser on this machine, and tells open pages to reload.

use std::convert::Infallible;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use futures_util::{SinkExt, StreamExt};
use http_body_util::Full;
use hyper::body::{Bytes, Incoming};
use hyper::header::{
    ALLOW, CACHE_CONTROL, CONNECTION, CONTENT_TYPE, HeaderValue, SEC_WEBSOCKET_ACCEPT,
    SEC_WEBSOCKET_KEY, UPGRADE,
};
use hyper::service::service_fn;
use hyper::{Method, Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use percent_encoding::percent_decode_str;
use tokio::net::TcpListener;
use tokio::sync::{RwLock, watch};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;
use tokio_tungstenite::tungstenite::protocol::{Message, Role};

/// Where a page opens its WebSocket.
pub const LIVE_RELOAD: &str = "__livereload";

/// A folder that is served, and now and then built anew.
pub struct Site {
    folder: PathBuf,
    /// Requests read, a build writes: no page is served half-written.
    building: RwLock<()>,
    /// How often the folder was built.
    builds: watch::Sender<u64>,
}

impl Site {
    /// Serves what is in `folder`.
    pub fn new(folder: PathBuf) -> Self {
        Self { folder, building: RwLock::new(()), builds: watch::Sender::new(0) }
    }

    /// Runs `build` while no request is answered; if it succeeds, open pages reload.
    ///
    /// # Errors
    ///
    /// Those of `build`, which then leaves open pages as they are.
    pub async fn rebuild<E>(&self, build: impl AsyncFnOnce() -> Result<(), E>) -> Result<(), E> {
        let alone = self.building.write().await;
        build().await?;
        drop(alone);
        self.builds.send_modify(|builds| *builds += 1);
        Ok(())
    }

    /// Accepts connections until the program ends.
    ///
    /// # Errors
    ///
    /// If the listener can accept no more.
    pub async fn serve(self: Arc<Self>, listener: TcpListener) -> io::Result<Infallible> {
        loop {
            let (stream, _) = listener.accept().await?;
            let site = Arc::clone(&self);
            let answer = service_fn(move |request| {
                let site = Arc::clone(&site);
                async move { Ok::<_, Infallible>(site.answer(request).await) }
            });
            let connection = hyper::server::conn::http1::Builder::new()
                .serve_connection(TokioIo::new(stream), answer)
                .with_upgrades();
            // A browser that goes away in the middle of a page is no one's mistake.
            tokio::spawn(async move { connection.await.unwrap_or_default() });
        }
    }

    async fn answer(&self, mut request: Request<Incoming>) -> Response<Full<Bytes>> {
        if request.uri().path().trim_start_matches('/') == LIVE_RELOAD {
            return self.live_reload(&mut request);
        }
        if !matches!(*request.method(), Method::GET | Method::HEAD) {
            let mut refusal = page(StatusCode::METHOD_NOT_ALLOWED, TEXT, "expected GET or HEAD\n");
            refusal.headers_mut().insert(ALLOW, HeaderValue::from_static("GET, HEAD"));
            return refusal;
        }
        let _reading = self.building.read().await;
        let found = match file(&self.folder, request.uri().path()) {
            Some(file) => tokio::fs::read(&file).await.ok().zip(Some(content_type(&file))),
            None => None,
        };
        match found {
            Some((content, content_type)) => page(StatusCode::OK, content_type, content),
            None => {
                let not_found = tokio::fs::read(self.folder.join("404.html")).await;
                page(StatusCode::NOT_FOUND, HTML, not_found.unwrap_or_default())
            }
        }
    }

    /// Upgrades to a WebSocket that says `reload` after the next build.
    fn live_reload(&self, request: &mut Request<Incoming>) -> Response<Full<Bytes>> {
        let Some(key) = request.headers().get(SEC_WEBSOCKET_KEY) else {
            return page(StatusCode::BAD_REQUEST, TEXT, "expected a websocket handshake\n");
        };
        let accept = derive_accept_key(key.as_bytes());
        let mut builds = self.builds.subscribe();
        let upgrade = hyper::upgrade::on(request);
        tokio::spawn(async move {
            let Ok(upgraded) = upgrade.await else {
                return;
            };
            let mut socket =
                WebSocketStream::from_raw_socket(TokioIo::new(upgraded), Role::Server, None).await;
            tokio::select! {
                _ = builds.changed() => {
                    let told = socket.send(Message::text("reload")).await;
                    told.unwrap_or_default();
                }
                // The page says nothing; it can only go away.
                _ = socket.next() => {}
            }
        });
        let mut switching = page(StatusCode::SWITCHING_PROTOCOLS, TEXT, "");
        let headers = switching.headers_mut();
        headers.insert(CONNECTION, HeaderValue::from_static("upgrade"));
        headers.insert(UPGRADE, HeaderValue::from_static("websocket"));
        let accept = HeaderValue::from_str(&accept).expect("base64 is a header value");
        headers.insert(SEC_WEBSOCKET_ACCEPT, accept);
        switching
    }
}

const HTML: &str = "text/html; charset=utf-8";
const TEXT: &str = "text/plain; charset=utf-8";

fn page(
    status: StatusCode,
    content_type: &'static str,
    content: impl Into<Bytes>,
) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::new(content.into()));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
    // A page that was built anew must not come from the browser's cache.
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

/// The file that `path` asks for; none if it could lie outside `folder`.
fn file(folder: &Path, path: &str) -> Option<PathBuf> {
    let path = percent_decode_str(path).decode_utf8().ok()?;
    let mut file = folder.to_owned();
    for name in path.split('/').filter(|name| !name.is_empty()) {
        if name.starts_with('.') || name.contains(['\\', ':', '\0']) {
            return None;
        }
        file.push(name);
    }
    if path.ends_with('/') {
        file.push("index.html");
    }
    Some(file)
}

fn content_type(file: &Path) -> &'static str {
    match file.extension().and_then(|extension| extension.to_str()) {
        Some("html") => HTML,
        Some("css") => "text/css; charset=utf-8",
        Some("js") => "text/javascript; charset=utf-8",
        Some("json") => "application/json",
        Some("svg") => "image/svg+xml",
        Some("png") => "image/png",
        Some("woff2") => "font/woff2",
        Some("txt" | "md") => TEXT,
        _ => "application/octet-stream",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn only_a_build_that_succeeds_reloads_the_pages() {
        let site = Site::new(PathBuf::new());
        let pages = site.builds.subscribe();
        site.rebuild(async || Err("a broken page")).await.expect_err("the build fails");
        assert!(!pages.has_changed().expect("the site is there"));
        site.rebuild(async || Ok::<_, ()>(())).await.expect("the build succeeds");
        assert!(pages.has_changed().expect("the site is there"));
    }
}
