use std::time::Duration;

use bytes::Bytes;
use http_body_util::{BodyExt, Full, LengthLimitError, Limited};
use hyper::body::Body;
use hyper::header::{ALLOW, CACHE_CONTROL, CONTENT_TYPE, HeaderMap, HeaderValue, RETRY_AFTER};
use hyper::{Request, Response, StatusCode};
use serde::{Deserialize, Serialize};
use tokio::time::timeout;

use crate::{Board, Limits, Refusal, Route};

/// What is sent: the whole answer is known before its first byte leaves.
pub(crate) type Answer = Response<Full<Bytes>>;

/// Answers one request. It may take a while: that is the point.
pub async fn answer<B>(board: &Board, limits: &Limits, request: Request<B>) -> Answer
where
    B: Body<Data = Bytes, Error: Into<Box<dyn std::error::Error + Send + Sync>>>,
{
    let route = Route::parse(request.method(), request.uri());
    let answered = match route {
        Ok(Route::Page) => Ok(page()),
        Ok(Route::Messages { since, wait: None }) => Ok(json(StatusCode::OK, &board.since(since))),
        Ok(Route::Messages { since, wait: Some(wait) }) => hold(board, limits, since, wait).await,
        Ok(Route::Post) => post(board, limits, request).await,
        Err(refusal) => Err(refusal),
    };
    answered.unwrap_or_else(|refusal| refused(&refusal))
}

async fn hold(
    board: &Board,
    limits: &Limits,
    since: u64,
    wait: Duration,
) -> Result<Answer, Refusal> {
    let news = board.wait(since, wait.min(limits.max_wait)).await?;
    Ok(json(StatusCode::OK, &news))
}

/// What a client posts.
#[derive(Deserialize)]
struct NewMessage {
    text: String,
}

async fn post<B>(board: &Board, limits: &Limits, request: Request<B>) -> Result<Answer, Refusal>
where
    B: Body<Data = Bytes, Error: Into<Box<dyn std::error::Error + Send + Sync>>>,
{
    check_content_type(request.headers())?;
    let body = read_body(request.into_body(), limits).await?;
    let NewMessage { text } = serde_json::from_slice(&body)
        .map_err(|error| Refusal::Body { reason: error.to_string() })?;
    Ok(json(StatusCode::CREATED, &board.post(text)))
}

fn check_content_type(headers: &HeaderMap) -> Result<(), Refusal> {
    let came = headers.get(CONTENT_TYPE).map(HeaderValue::as_bytes).unwrap_or_default();
    let kind = came.split(|byte| *byte == b';').next().unwrap_or_default();
    if kind.trim_ascii().eq_ignore_ascii_case(b"application/json") {
        return Ok(());
    }
    let came = match came {
        [] => "none".to_owned(),
        came => came.escape_ascii().to_string(),
    };
    Err(Refusal::ContentType { came })
}

/// The whole body, when it is neither too long nor too slow.
async fn read_body<B>(body: B, limits: &Limits) -> Result<Bytes, Refusal>
where
    B: Body<Data = Bytes, Error: Into<Box<dyn std::error::Error + Send + Sync>>>,
{
    // TODO step 3.5, continued: see `Log::make_room` in src/log.rs
    Ok(body.collect().await.map_err(|_| Refusal::BodyBroken)?.to_bytes())
}

fn page() -> Answer {
    response(StatusCode::OK, "text/html; charset=utf-8", include_str!("page.html"))
}

fn json(status: StatusCode, value: &impl Serialize) -> Answer {
    let mut text = serde_json::to_vec(value).expect("numbers and texts are always JSON");
    text.push(b'\n'); // for people at a terminal
    response(status, "application/json", text)
}

fn refused(refusal: &Refusal) -> Answer {
    let text = format!("{refusal}\n");
    let mut response = response(refusal.status(), "text/plain; charset=utf-8", text);
    match refusal {
        // RFC 9110, section 15.5.6: "The origin server MUST generate an Allow header field in a 405
        // response".
        Refusal::Method { allow, .. } => {
            response.headers_mut().insert(ALLOW, HeaderValue::from_static(allow));
        }
        Refusal::TooManyWaiters { .. } => {
            response.headers_mut().insert(RETRY_AFTER, HeaderValue::from_static("1"));
        }
        _ => {}
    }
    response
}

fn response(status: StatusCode, kind: &'static str, body: impl Into<Bytes>) -> Answer {
    let mut response = Response::new(Full::new(body.into()));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(kind));
    // An answer that a cache kept would be old news (RFC 9111, section 5.2.2.5).
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}
