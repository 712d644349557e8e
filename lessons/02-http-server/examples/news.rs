//! A board of news. Whoever wants to know whether there are any has to ask.
//!
//!     cargo run -p lesson-02-http-server --example news
//!     curl -i http://127.0.0.1:4002/news -d 'the tide turned'
//!     curl -i http://127.0.0.1:4002/news
//!     curl -i 'http://127.0.0.1:4002/news?since=1'

use std::io::Result;
use std::sync::{Arc, Mutex, PoisonError};

use http_message::{Request, Response, Status};
use lesson_02_http_server::{Config, Server};
use tokio::join;
use tokio::net::TcpListener;
use tokio::signal::ctrl_c;

#[tokio::main]
async fn main() -> Result<()> {
    let listener = TcpListener::bind("127.0.0.1:4002").await?;
    let address = listener.local_addr()?;
    let board = Arc::new(Board::default());
    let handler = async move |request: Request| board.answer(&request);
    let stop = async {
        // Ctrl+C first: whoever has read the line may press it.
        let (pressed, ()) = join!(biased; ctrl_c(), async {
            println!("listening on http://{address} (Ctrl+C stops)");
        });
        pressed.expect("Ctrl+C can be listened for");
    };
    let report = Server::new(listener, handler, Config::default()).serve(stop).await;
    println!("{report:?}");
    Ok(())
}

/// The news in the order in which they arrived. The mutex is held for a push or a copy, never across
/// an `.await`.
#[derive(Default)]
struct Board(Mutex<Vec<String>>);

impl Board {
    fn answer(&self, request: &Request) -> Response {
        match (request.method.as_str(), request.path()) {
            ("GET" | "HEAD", "/news") => self.since(request.query()),
            ("POST", "/news") => self.add(&request.body),
            (_, "/news") => Response::new(Status::METHOD_NOT_ALLOWED)
                .with_header("Allow", "GET, HEAD, POST")
                .expect("a header without line breaks can be sent"),
            _ => Response::text(Status::NOT_FOUND, "the news are at /news\n"),
        }
    }

    /// The news after the first `since`, one a line.
    fn since(&self, query: &str) -> Response {
        let Ok(known) = query.strip_prefix("since=").unwrap_or("0").parse::<usize>() else {
            let text = format!("expected a number as in /news?since=3, came {query:?}\n");
            return Response::text(Status::BAD_REQUEST, text);
        };
        let news = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match news.get(known..) {
            Some([_, ..]) => Response::text(Status::OK, news[known..].concat()),
            _ => Response::new(Status::NO_CONTENT),
        }
    }

    fn add(&self, item: &[u8]) -> Response {
        let mut news = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        news.push(format!("{}\n", String::from_utf8_lossy(item)));
        println!("news {}: {}", news.len(), news[news.len() - 1].trim_end());
        Response::new(Status::CREATED)
    }
}
