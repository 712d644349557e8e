//! Every case of the official Socket.IO v5 protocol test suite
//! (`docs/socket.io-protocol/v5-test-suite` in socketio/socket.io), in our own words, over each transport, in
//! virtual time.

use std::time::Duration;

use client::{Answer, Client, END, How, hear, http, open, poll, post, upgrade, websocket};
use futures_util::SinkExt;
use serde_json::{Value, json};
use socketio::Server;
use tokio::time::{Instant, sleep};
use tokio_tungstenite::tungstenite::Message;

#[path = "../examples/conformance/app.rs"]
mod app;
#[path = "protocol/client.rs"]
mod client;

const INTERVAL: Duration = Duration::from_millis(300);
const TIMEOUT: Duration = Duration::from_millis(200);

/// Runs a case with a server of its own on each transport. When it fails, the output says on which.
async fn everywhere(case: impl AsyncFn(&Server, How)) {
    for how in [How::Polling, How::WebSocket, How::Upgraded] {
        println!("on {how:?}");
        case(&app::server(), how).await;
    }
}

/// What an open packet says beside the id.
fn opened(packet: &str) -> Value {
    let json = packet.strip_prefix('0').expect("an open packet");
    let mut value: Value = serde_json::from_str(json).expect("JSON");
    let sid = value.as_object_mut().and_then(|fields| fields.remove("sid"));
    assert!(sid.is_some_and(|sid| sid.is_string()), "a sid in {packet}");
    value
}

fn expected_open(upgrades: &[&str]) -> Value {
    json!({
        "upgrades": upgrades, "pingInterval": 300, "pingTimeout": 200, "maxPayload": 1_000_000
    })
}

// Engine.IO: the handshake.

#[tokio::test(start_paused = true)]
async fn polling_opens_a_session() {
    let answer = http(&app::server(), "GET", "EIO=4&transport=polling", "").await;
    assert_eq!(answer.status, 200);
    assert_eq!(opened(&answer.body), expected_open(&["websocket"]));
}

#[tokio::test(start_paused = true)]
async fn a_websocket_opens_a_session() {
    let mut stream = websocket(&app::server(), "EIO=4&transport=websocket").await.expect("a 101");
    assert_eq!(opened(&hear(&mut stream).await), expected_open(&[]));
}

#[tokio::test(start_paused = true)]
async fn another_version_or_transport_is_refused() {
    let io = app::server();
    for transport in ["polling", "websocket"] {
        for query in [format!("transport={transport}"), format!("EIO=abc&transport={transport}")] {
            assert_eq!(http(&io, "GET", &query, "").await.status, 400, "{query}");
            assert!(websocket(&io, &query).await.is_none(), "{query}");
        }
    }
    for query in ["EIO=4", "EIO=4&transport=abc"] {
        assert_eq!(http(&io, "GET", query, "").await.status, 400, "{query}");
        assert!(websocket(&io, query).await.is_none(), "{query}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_session_is_opened_by_a_get_only() {
    let io = app::server();
    for method in ["POST", "PUT"] {
        assert_eq!(http(&io, method, "EIO=4&transport=polling", "").await.status, 400, "{method}");
    }
}

// Engine.IO: the heartbeat.

#[tokio::test(start_paused = true)]
async fn the_first_ping_comes_after_one_interval_and_each_pong_is_followed_by_another() {
    everywhere(async |io, how| {
        let mut client = Client::open(io, how).await;
        for _ in 0..3 {
            let since = Instant::now();
            assert_eq!(client.hear().await, "2");
            assert_eq!(since.elapsed().as_millis(), INTERVAL.as_millis());
            client.say("3").await;
        }
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn a_session_without_pongs_ends() {
    let io = app::server();
    let sid = open(&io).await;
    sleep(INTERVAL + TIMEOUT + Duration::from_millis(1)).await;
    assert_eq!(poll(&io, &sid).await, [END]);

    for how in [How::WebSocket, How::Upgraded] {
        let mut client = Client::open(&io, how).await;
        let since = Instant::now();
        assert_eq!(client.hear().await, "2");
        assert_eq!(client.hear().await, END);
        assert_eq!(since.elapsed().as_millis(), (INTERVAL + TIMEOUT).as_millis());
    }
}

// Engine.IO: the end.

#[tokio::test(start_paused = true)]
async fn a_close_packet_ends_a_session_on_polling() {
    let io = app::server();
    let sid = open(&io).await;
    let query = format!("EIO=4&transport=polling&sid={sid}");
    let (waiting, ()) = tokio::join!(http(&io, "GET", &query, ""), post(&io, &sid, "1"));
    assert_eq!(waiting, Answer { status: 200, body: "6".to_owned() });
    assert_eq!(http(&io, "GET", &query, "").await.status, 400);
}

#[tokio::test(start_paused = true)]
async fn a_close_packet_ends_a_session_on_a_websocket() {
    let io = app::server();
    for how in [How::WebSocket, How::Upgraded] {
        let mut client = Client::open(&io, how).await;
        client.say("1").await;
        assert_eq!(client.hear().await, END);
    }
}

// Engine.IO: the upgrade.

#[tokio::test(start_paused = true)]
async fn a_session_moves_to_a_websocket_and_nothing_else_carries_it_from_then_on() {
    let io = app::server();
    let sid = open(&io).await;
    let mut stream = upgrade(&io, &sid).await;
    stream.send(Message::text("40")).await.expect("it is open");
    assert!(hear(&mut stream).await.starts_with("40{"));

    let query = format!("EIO=4&transport=polling&sid={sid}");
    assert_eq!(http(&io, "GET", &query, "").await.status, 400);
    let second = websocket(&io, &format!("EIO=4&transport=websocket&sid={sid}")).await;
    if let Some(mut second) = second {
        assert_eq!(hear(&mut second).await, END);
    }
    assert_eq!(hear(&mut stream).await, r#"42["auth",{}]"#, "the first is not disturbed");
}

#[tokio::test(start_paused = true)]
async fn a_session_whose_upgrade_fails_stays_on_polling() {
    let io = app::server();
    let mut client = Client::enter(&io, How::Polling).await;
    for first in ["2prob", "x"] {
        let sid = client.sid().expect("it is on polling").to_owned();
        let query = format!("EIO=4&transport=websocket&sid={sid}");
        let mut stream = websocket(&io, &query).await.expect("a 101");
        stream.send(Message::text(first)).await.expect("it is open");
        assert_eq!(hear(&mut stream).await, END);
    }
    client.say(r#"42["message",1]"#).await;
    assert_eq!(client.hear().await, r#"42["message-back",1]"#);
}

// Socket.IO: connect.

#[tokio::test(start_paused = true)]
async fn a_client_connects_to_a_namespace_and_shows_something_or_nothing() {
    everywhere(async |io, how| {
        for (connect, welcome, auth) in [
            ("40", "40", r#"42["auth",{}]"#),
            (r#"40{"token":"123"}"#, "40", r#"42["auth",{"token":"123"}]"#),
            ("40/custom,", "40/custom,", r#"42/custom,["auth",{}]"#),
            ("40/custom", "40/custom,", r#"42/custom,["auth",{}]"#),
            (r#"40/custom,{"token":"abc"}"#, "40/custom,", r#"42/custom,["auth",{"token":"abc"}]"#),
        ] {
            let mut client = Client::open(io, how).await;
            client.say(connect).await;
            let answer = client.hear().await;
            let data =
                answer.strip_prefix(welcome).and_then(|data| serde_json::from_str(data).ok());
            let data: Value = data.unwrap_or_else(|| panic!("expected {welcome}…, came {answer}"));
            let fields: Vec<_> = data.as_object().into_iter().flatten().collect();
            assert!(matches!(&fields[..], [(key, Value::String(_))] if *key == "sid"), "{answer}");
            assert_eq!(client.hear().await, auth);
        }
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn an_unknown_namespace_is_refused() {
    everywhere(async |io, how| {
        let mut client = Client::open(io, how).await;
        client.say("40/random").await;
        assert_eq!(client.hear().await, r#"44/random,{"message":"Invalid namespace"}"#);
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn what_is_no_connect_ends_the_session() {
    everywhere(async |io, how| {
        let mut client = Client::open(io, how).await;
        client.say("4abc").await;
        assert_eq!(client.hear().await, END);
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn a_session_that_joins_no_namespace_ends() {
    everywhere(async |io, how| {
        let since = Instant::now();
        Client::open(io, how).await.hear_the_end().await;
        assert_eq!(since.elapsed().as_millis(), 1000);
    })
    .await;
}

// Socket.IO: disconnect.

#[tokio::test(start_paused = true)]
async fn a_client_that_leaves_the_main_namespace_keeps_its_session() {
    everywhere(async |io, how| {
        let mut client = Client::enter(io, how).await;
        client.say("41").await;
        assert_eq!(client.hear().await, "2");
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn a_client_that_leaves_one_namespace_stays_in_the_other() {
    everywhere(async |io, how| {
        let mut client = Client::enter(io, how).await;
        assert_eq!(client.hear().await, "2");
        client.say("40/custom").await;
        assert!(client.hear().await.starts_with("40/custom,{"));
        assert_eq!(client.hear().await, r#"42/custom,["auth",{}]"#);
        client.say("41/custom").await;
        client.say(r#"42["message","message to main namespace"]"#).await;
        assert_eq!(client.hear().await, r#"42["message-back","message to main namespace"]"#);
    })
    .await;
}

// Socket.IO: messages.

#[tokio::test(start_paused = true)]
async fn an_event_comes_back() {
    everywhere(async |io, how| {
        let mut client = Client::enter(io, how).await;
        client.say(r#"42["message",1,"2",{"3":[true]}]"#).await;
        assert_eq!(client.hear().await, r#"42["message-back",1,"2",{"3":[true]}]"#);
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn an_event_with_attachments_comes_back() {
    everywhere(async |io, how| {
        let mut client = Client::enter(io, how).await;
        let placeholders = r#"{"_placeholder":true,"num":0},{"_placeholder":true,"num":1}"#;
        client.say(&format!(r#"452-["message",{placeholders}]"#)).await;
        client.say_bytes(&[1, 2, 3]).await;
        client.say_bytes(&[4, 5, 6]).await;
        assert_eq!(client.hear().await, format!(r#"452-["message-back",{placeholders}]"#));
        assert_eq!(client.hear().await, "binary [1, 2, 3]");
        assert_eq!(client.hear().await, "binary [4, 5, 6]");
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn an_event_is_acknowledged() {
    everywhere(async |io, how| {
        let mut client = Client::enter(io, how).await;
        client.say(r#"42456["message-with-ack",1,"2",{"3":[false]}]"#).await;
        assert_eq!(client.hear().await, r#"43456[1,"2",{"3":[false]}]"#);
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn an_event_with_attachments_is_acknowledged() {
    everywhere(async |io, how| {
        let mut client = Client::enter(io, how).await;
        let placeholders = r#"{"_placeholder":true,"num":0},{"_placeholder":true,"num":1}"#;
        client.say(&format!(r#"452-789["message-with-ack",{placeholders}]"#)).await;
        client.say_bytes(&[1, 2, 3]).await;
        client.say_bytes(&[4, 5, 6]).await;
        assert_eq!(client.hear().await, format!("462-789[{placeholders}]"));
        assert_eq!(client.hear().await, "binary [1, 2, 3]");
        assert_eq!(client.hear().await, "binary [4, 5, 6]");
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn what_is_no_packet_ends_the_session() {
    everywhere(async |io, how| {
        for wrong in ["4abc", "42{}", r#"42abc["message-with-ack",1,"2",{"3":[false]}]"#] {
            let mut client = Client::enter(io, how).await;
            client.say(wrong).await;
            assert_eq!(client.hear().await, END, "after {wrong}");
        }
    })
    .await;
}
