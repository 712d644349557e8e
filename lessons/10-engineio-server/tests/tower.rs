//! The service as tower knows it.

use bytes::Bytes;
use http_body_util::{BodyExt, Empty};
use hyper::Request;
use lesson_10_engineio_server::{Answer, Connection, Server};

async fn idle(mut connection: Connection) {
    while connection.next().await.is_some() {}
}

/// As a router takes it: by the trait alone.
async fn call<S>(mut service: S, target: &str) -> Answer
where
    S: tower_service::Service<Request<Empty<Bytes>>, Response = Answer>,
    S::Error: std::fmt::Debug,
{
    std::future::poll_fn(|cx| service.poll_ready(cx)).await.expect("always ready");
    let request = Request::get(target).body(Empty::new()).expect("a request");
    service.call(request).await.expect("never an error")
}

#[tokio::test]
async fn a_router_can_mount_it() {
    let server = Server::builder().build();
    let answer = call(server.service(idle), "/engine.io/?EIO=4&transport=polling").await;
    assert_eq!(answer.status(), 200);
    let body = answer.into_body().collect().await.expect("a whole body").to_bytes();
    assert!(body.starts_with(b"0{\"sid\":"), "{body:?}");
    assert_eq!(call(server.service(idle), "/elsewhere").await.status(), 404);
}
