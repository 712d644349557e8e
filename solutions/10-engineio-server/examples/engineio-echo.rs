//! Says back what it hears: to curl, to a page in a browser, to any Engine.IO client.
//!
//! ```console
//! $ cargo run -p engineio-server --example engineio-echo
//! $ curl -i 'http://127.0.0.1:3000/engine.io/?EIO=4&transport=polling'
//! ```

use bytes::Bytes;
use engineio_server::{Answer, Connection, Message, Server};
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::header::{CONTENT_TYPE, HeaderValue};
use hyper::{Request, StatusCode};
use tokio::net::TcpListener;

#[tokio::main]
async fn main() -> std::io::Result<()> {
    let listener = TcpListener::bind("127.0.0.1:3000").await?;
    println!("open http://{} in a browser; ctrl-c ends it", listener.local_addr()?);
    let server = Server::builder().build();
    let stopping = server.clone();
    tokio::spawn(async move {
        if tokio::signal::ctrl_c().await.is_ok() {
            println!("telling {} sessions", stopping.sessions());
            stopping.shutdown().await;
        }
    });
    server.serve_beside(listener, echo, page).await;
    Ok(())
}

/// One session.
async fn echo(mut connection: Connection) {
    let name = connection.sid().as_str()[..4].to_owned(); // all of it is a secret
    println!("{name}  opens on {}", connection.transport());
    let mut transport = connection.transport();
    while let Some(message) = connection.next().await {
        if connection.transport() != transport {
            transport = connection.transport();
            println!("{name}  moved to {transport}");
        }
        println!("{name}  {}", shown(&message));
        if connection.send(message).is_err() {
            break;
        }
    }
    if let Some(reason) = connection.close_reason() {
        println!("{name}  {reason}");
    }
}

fn shown(message: &Message) -> String {
    match message {
        Message::Text(text) => format!("{text:?}"),
        Message::Binary(bytes) => format!("{} bytes", bytes.len()),
    }
}

/// What is not a session's.
async fn page(request: Request<Incoming>) -> Answer {
    let mut answer = Answer::new(Full::from(Bytes::from_static(include_bytes!("echo.html"))));
    if request.uri().path() != "/" {
        *answer.status_mut() = StatusCode::NOT_FOUND;
    }
    let html = HeaderValue::from_static("text/html; charset=utf-8");
    answer.headers_mut().insert(CONTENT_TYPE, html);
    answer
}
