use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use socketio::{DisconnectReason, Handshake, LogConfig, MemoryLog, Namespace, Server, Socket};
use tokio::join;
use tokio::net::TcpListener;
use tokio::time::{MissedTickBehavior, interval};

use crate::{
    Began, Entry, Goodbye, Guest, Hall, Limits, Page, Presence, Secret, Visit, Welcome, Why,
};

/// How often it is looked for who has been away for too long.
const SWEEP: Duration = Duration::from_secs(1);

/// The chat: what happens in the [`Hall`], told to those whom it concerns. A clone is the same chat.
///
/// One lock holds the hall. Whoever changes it tells the others before the lock is given back, so all hear everything
/// in the order of its numbers. To tell is to put into a queue, which waits for nobody.
#[derive(Clone, Debug)]
pub struct Chat {
    pub(crate) io: Server,
    pub(crate) guests: Namespace<Guest>,
    pub(crate) desk: Namespace,
    pub(crate) limits: Limits,
    hall: Arc<Mutex<Hall>>,
}

impl Chat {
    /// A chat with nobody in it, and a desk that this token opens.
    #[must_use]
    pub fn new(limits: Limits, token: Secret) -> Self {
        let began = Began { now: now(), at: at() };
        let epoch = format!("{:08x}", rand::random::<u32>());
        let hall = Arc::new(Mutex::new(Hall::new(limits.clone(), epoch, began)));
        let io = server(&limits);
        let admitting = Arc::clone(&hall);
        let guests = io
            .of("/")
            .auth(async move |_: Handshake, entry: Entry| lock(&admitting).admit(&entry, now()));
        let desk = io.of("/admin");
        let chat = Self { io, guests, desk, limits, hall };
        chat.welcome();
        chat.listen();
        chat.open_desk(token);
        chat
    }

    /// The server below, to be mounted where connections are accepted already.
    #[must_use]
    pub fn io(&self) -> &Server {
        &self.io
    }

    /// Accepts connections until `stop` is ready; then says goodbye, and returns when the last has ended, or
    /// [`Limits::shutdown_grace`] is over.
    pub async fn serve(&self, listener: TcpListener, page: Page, stop: impl Future<Output = ()>) {
        let pages = move |request| {
            let answer = page.answer(&request);
            async move { answer }
        };
        let stopped = async {
            tokio::select! {
                () = stop => self.stop().await,
                () = self.keep_house() => {}
            }
        };
        join!(stopped, self.io.serve_beside(listener, pages));
    }

    /// Says goodbye to everybody, and waits until they have heard it.
    async fn stop(&self) {
        self.guests.emit("goodbye", Goodbye { why: Why::Stopping });
        self.io.shutdown().await;
    }

    /// Never returns.
    async fn keep_house(&self) {
        let mut ticks = interval(SWEEP);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            ticks.tick().await;
            let mut hall = self.hall();
            let before = hall.people();
            let told = hall.sweep(now());
            if hall.people() < before {
                self.tell(&hall, &told);
            }
        }
    }

    /// What happens when somebody comes and goes.
    fn welcome(&self) {
        let chat = self.clone();
        self.guests.on_connect(async move |socket: Socket<Guest>| chat.arrive(&socket));
        let chat = self.clone();
        self.guests.on_disconnecting(move |socket: Socket<Guest>, reason: &DisconnectReason| {
            chat.depart(&socket, reason);
        });
    }

    fn arrive(&self, socket: &Socket<Guest>) {
        let guest = socket.user();
        let peer = socket.handshake().head().peer();
        let address = peer.map(|peer| peer.ip().to_string()).unwrap_or_default();
        let mut hall = self.hall();
        let Ok(arrival) = hall.arrive(guest, address, now()) else {
            return socket.disconnect();
        };
        let elsewhere = socket.to(&person(&guest.name));
        elsewhere.emit("goodbye", Goodbye { why: Why::Elsewhere });
        elsewhere.disconnect();
        socket.join(&person(&guest.name));
        arrival.rooms.iter().for_each(|name| socket.join(&room(name)));
        socket.emit(
            "welcome",
            Welcome {
                name: guest.name.to_string(),
                epoch: hall.epoch().to_owned(),
                recovered: socket.is_recovered(),
                yours: arrival.rooms,
                muted: arrival.muted,
                bounds: self.limits.bounds(),
                rooms: hall.rooms(),
            },
        );
        // Who has missed that they were away hears that they are not.
        self.tell(&hall, &arrival.told);
        socket.extensions().insert(arrival.visit);
        drop(hall);
        if !socket.is_connected() {
            // It ended before it was known whose it was.
            self.end(guest, arrival.visit, false);
        }
        tokio::spawn(self.clone().deliver(socket.clone(), arrival.mail));
    }

    fn depart(&self, socket: &Socket<Guest>, reason: &DisconnectReason) {
        let by_choice = matches!(reason, DisconnectReason::ByClient | DisconnectReason::ByServer);
        if let Some(visit) = socket.extensions().get::<Visit>() {
            self.end(socket.user(), *visit, by_choice);
        }
    }

    fn end(&self, guest: &Guest, visit: Visit, by_choice: bool) {
        let mut hall = self.hall();
        let told = hall.depart(guest, visit, by_choice, now());
        self.tell(&hall, &told);
    }

    /// Each room hears of it. Who tells something shows that they hold the lock.
    pub(crate) fn tell(&self, _held: &Hall, told: &[Presence]) {
        for presence in told {
            self.guests.to(&room(&presence.room)).emit("presence", presence);
        }
        self.changed();
    }

    pub(crate) fn tell_others(&self, _held: &Hall, socket: &Socket<Guest>, told: &[Presence]) {
        for presence in told {
            socket.to(&room(&presence.room)).emit("presence", presence);
        }
        self.changed();
    }

    pub(crate) fn hall(&self) -> MutexGuard<'_, Hall> {
        lock(&self.hall)
    }
}

/// With the settings that the limits ask for.
fn server(limits: &Limits) -> Server {
    // Over polling, bytes travel as base64, four for three, and more may travel with them.
    let max_payload = limits.max_file as u64 / 2 * 3 + 4096;
    let log = LogConfig { max_disconnection: limits.max_recovery, ..LogConfig::default() };
    let (connections, grace) = (limits.max_connections, limits.shutdown_grace);
    Server::builder()
        .max_payload(max_payload)
        .recovery(MemoryLog::from(log))
        .on_problem(|_| {}) // whoever it concerns has been told, or asked for no answer
        .engine(move |engine| engine.max_sessions(connections).shutdown_timeout(grace))
        .build()
}

/// The rooms of the facade: nobody's name is mistaken for a room's.
pub(crate) fn room(name: &str) -> String {
    format!("#{name}")
}

/// Where one person is, alone.
pub(crate) fn person(name: &str) -> String {
    format!("@{name}")
}

/// tokio's clock, which a test may stop.
pub(crate) fn now() -> Instant {
    tokio::time::Instant::now().into_std()
}

fn at() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
}

/// What a panic left is whole: nothing in the hall is half done where it could panic.
fn lock(hall: &Mutex<Hall>) -> MutexGuard<'_, Hall> {
    hall.lock().unwrap_or_else(PoisonError::into_inner)
}
