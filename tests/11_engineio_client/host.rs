//! A server of lesson 10, with an application that a test has in its hands.

use std::net::SocketAddr;
use std::sync::Arc;

use engineio_packet::Message;
use engineio_server::{Application, Builder, Connection};
use tokio::net::TcpListener;
use tokio::sync::{Mutex, mpsc};
use tokio::task::JoinHandle;
use transcript::within;

/// A server on a port of its own, until it is dropped.
pub(crate) struct Host {
    pub(crate) address: SocketAddr,
    task: JoinHandle<()>,
}

impl Host {
    pub(crate) async fn of(builder: Builder, application: impl Application) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("it is bound");
        let server = builder.build();
        let task = tokio::spawn(async move { server.serve(listener, application).await });
        Self { address, task }
    }

    /// It sends back what it hears.
    pub(crate) async fn echo(builder: Builder) -> Self {
        Self::of(builder, async |mut connection: Connection| {
            while let Some(message) = connection.next().await {
                connection.send(message).expect("there is room");
            }
        })
        .await
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
    }
}

impl Drop for Host {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// The application's end of one session.
pub(crate) struct Guest {
    heard: mpsc::UnboundedReceiver<String>,
    say: mpsc::UnboundedSender<String>,
}

impl Guest {
    /// A server for one session, and the application's end of that.
    pub(crate) async fn at(builder: Builder) -> (Host, Self) {
        let (hear, heard) = mpsc::unbounded_channel();
        let (say, said) = mpsc::unbounded_channel();
        let said = Arc::new(Mutex::new(said));
        let host = Host::of(builder, move |connection| {
            converse(connection, hear.clone(), Arc::clone(&said))
        });
        (host.await, Self { heard, say })
    }

    pub(crate) fn say(&self, text: &str) {
        self.say.send(text.to_owned()).expect("the application listens");
    }

    /// The next text that came from the client, or how the session ended.
    pub(crate) async fn hear(&mut self) -> String {
        let heard = within("the server to hear from the client", self.heard.recv()).await;
        heard.expect("the application is there")
    }
}

async fn converse(
    mut connection: Connection,
    hear: mpsc::UnboundedSender<String>,
    said: Arc<Mutex<mpsc::UnboundedReceiver<String>>>,
) {
    let mut said = said.lock().await;
    loop {
        tokio::select! {
            biased;
            message = connection.next() => match message {
                Some(Message::Text(text)) => drop(hear.send(text.to_string())),
                Some(Message::Binary(bytes)) => drop(hear.send(format!("{} bytes", bytes.len()))),
                None => break,
            },
            Some(text) = said.recv() => {
                connection.send(Message::from(text)).expect("there is room");
            }
        }
    }
    let reason = connection.close_reason().expect("it has ended");
    let _ = hear.send(format!("the end: {reason}"));
}
