//! The server over a real socket: what a browser gets, and what it must not get.

use std::fs;
use std::net::SocketAddr;
use std::sync::Arc;

use course_book::server::{LIVE_RELOAD, Site};
use futures_util::StreamExt;
use tempfile::TempDir;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio_tungstenite::tungstenite::Message;
use transcript::within;

struct Served {
    address: SocketAddr,
    site: Arc<Site>,
    _folder: TempDir,
}

async fn serve() -> Served {
    let folder = tempfile::tempdir().expect("a folder");
    let public = folder.path().join("book");
    fs::create_dir(&public).expect("a folder");
    fs::write(folder.path().join("secret.txt"), "secret").expect("a file");
    fs::write(public.join("index.html"), "<h1>the book</h1>").expect("a file");
    fs::write(public.join("404.html"), "<h1>not here</h1>").expect("a file");
    fs::write(public.join("course.css"), "p {}").expect("a file");
    fs::write(public.join(".hidden"), "hidden").expect("a file");
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let address = listener.local_addr().expect("an address");
    let site = Arc::new(Site::new(public));
    tokio::spawn(Arc::clone(&site).serve(listener));
    Served { address, site, _folder: folder }
}

impl Served {
    /// Everything the server sends for one request.
    async fn ask(&self, method: &str, path: &str) -> String {
        let request =
            format!("{method} {path} HTTP/1.1\r\nHost: book\r\nConnection: close\r\n\r\n");
        let mut answer = String::new();
        let exchange = async {
            let mut stream = TcpStream::connect(self.address).await.expect("a connection");
            stream.write_all(request.as_bytes()).await.expect("the request is written");
            stream.read_to_string(&mut answer).await.expect("the answer is text");
        };
        within(&format!("the answer to {method} {path}"), exchange).await;
        answer
    }
}

#[tokio::test]
async fn a_file_has_its_content_type() {
    let book = serve().await;
    let page = book.ask("GET", "/").await;
    assert!(page.starts_with("HTTP/1.1 200 OK\r\n"), "{page}");
    assert!(page.contains("content-type: text/html; charset=utf-8\r\n"), "{page}");
    assert!(page.ends_with("<h1>the book</h1>"), "{page}");
    let style = book.ask("GET", "/course.css?v=2").await;
    assert!(style.contains("content-type: text/css; charset=utf-8\r\n"), "{style}");
}

#[tokio::test]
async fn head_has_the_length_and_no_body() {
    let book = serve().await;
    let head = book.ask("HEAD", "/index.html").await;
    assert!(head.contains("content-length: 17\r\n"), "{head}");
    assert!(head.ends_with("\r\n\r\n"), "{head}");
}

#[tokio::test]
async fn what_is_not_there_has_the_books_own_page() {
    let book = serve().await;
    let page = book.ask("GET", "/no/such/page.html").await;
    assert!(page.starts_with("HTTP/1.1 404 Not Found\r\n"), "{page}");
    assert!(page.ends_with("<h1>not here</h1>"), "{page}");
}

#[tokio::test]
async fn nothing_outside_the_book_is_served() {
    let book = serve().await;
    for path in
        ["/../secret.txt", "/%2e%2e/secret.txt", "/..%2fsecret.txt", "/..%5csecret.txt", "/.hidden"]
    {
        let page = book.ask("GET", path).await;
        assert!(page.starts_with("HTTP/1.1 404 Not Found\r\n"), "{path}: {page}");
    }
}

#[tokio::test]
async fn other_methods_are_refused() {
    let book = serve().await;
    let refusal = book.ask("POST", "/").await;
    assert!(refusal.starts_with("HTTP/1.1 405 Method Not Allowed\r\n"), "{refusal}");
    assert!(refusal.contains("allow: GET, HEAD\r\n"), "{refusal}");
}

#[tokio::test]
async fn an_open_page_reloads_after_a_build() {
    let book = serve().await;
    let stream = TcpStream::connect(book.address).await.expect("a connection");
    let url = format!("ws://{}/{LIVE_RELOAD}", book.address);
    let handshake = tokio_tungstenite::client_async(url, stream);
    let (mut page, _) = within("the handshake", handshake).await.expect("a websocket");

    book.site.rebuild(async || Ok::<_, ()>(())).await.expect("the build succeeds");
    let message = within("the reload", page.next()).await;
    let message = message.expect("a message").expect("no error");
    assert_eq!(message, Message::text("reload"));
}
