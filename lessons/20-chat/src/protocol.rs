//! What a client and the chat say to each other.
//!
//! # The namespace `/`
//!
//! A client shows [`Entry`] when it connects. Each event has one argument. Where an answer stands, ask for it: it is
//! that value, or a refusal, `{"error":{"message":"expected …, came …","data":{"code":"too-fast","retry_ms":1200}}}`.
//!
//! ```text
//! client → server
//! join      {room, since?: {epoch, number}}      Joined, or bad-room, too-many-rooms, hall-full
//! leave     room                                 nothing
//! rooms                                          [RoomSummary, …]
//! who       room                                 [Person, …], or not-in-room
//! say       {room, id, text}                     Receipt, or bad-id, bad-text, not-in-room, muted
//! file      {room, id, name, type, bytes}        Receipt, or bad-id, bad-file, too-large, not-in-room, muted
//! fetch     {room, number}                       FileContent, or not-in-room, file-gone
//! typing    {room, typing}                       nothing is said
//! whisper   {to, id, text}                       WhisperReceipt, or bad-id, bad-text, not-here, mail-full, muted
//! shown     {from, id}                           nothing: a whisper that you did not answer in time has been shown
//!
//! server → client
//! welcome   Welcome                              once for each connection
//! message   Message                              from somebody else, in one of your rooms
//! presence  {room, name, is: here|away|gone}
//! typing    {room, name, typing}
//! whisper   {from, id, text, at}                 answer it, with anything, when it has been shown
//! read      {to, id}                             a whisper of yours that was kept has been shown
//! notice    {text, at}                           from the desk
//! muted     {seconds}                            0: not any more
//! goodbye   {why: stopping|desk|elsewhere}       the last word
//! ```
//!
//! Any event may be refused with `too-fast`, and then came to nothing: send it again after `retry_ms`, with the same id.
//!
//! # The namespace `/admin`
//!
//! A client shows [`Pass`] when it connects.
//!
//! ```text
//! client → server
//! who                                            [Seen, …]
//! notice      text                               nothing, or bad-text
//! mute        {name, seconds}                    nothing, or not-here; 0 seconds: not any more
//! dismiss     name                               nothing, or not-here
//!
//! server → client
//! changed                                        somebody came, went or moved: ask `who`
//! ```

use serde::{Deserialize, Serialize};
use socketio::Bytes;

/// What a client shows to be let in; refused with `bad-name`, `bad-key`, `name-taken` or `hall-full`.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
pub struct Entry {
    /// Who it wants to be.
    pub name: String,
    /// A random text of 16 to 64 characters that it chooses, keeps, and tells nobody else. Whoever comes back with it
    /// is the same person, even while the server believes in the old connection, which then ends.
    pub key: String,
}

/// What the desk asks for; refused with `wrong-token`.
#[derive(Clone, Deserialize, Serialize)]
pub struct Pass {
    /// What the server has printed when it started.
    pub token: String,
}

/// To be in a room, and to hear what was said there.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
pub struct Join {
    /// Which.
    pub room: String,
    /// What it has already, if it has been here before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub since: Option<Since>,
}

/// The last message that a client has of a room.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
pub struct Since {
    /// That of the room, when it was joined.
    pub epoch: String,
    /// Its number.
    pub number: u64,
}

/// To tell a room.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
pub struct Say {
    /// Which.
    pub room: String,
    /// Of the client's choosing, 1 to 64 visible ASCII characters, another for each message. The same id twice is one
    /// message, for as long as it is in the room's history.
    pub id: String,
    /// What.
    pub text: String,
}

/// To show a room a file.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
pub struct SendFile {
    /// Which.
    pub room: String,
    /// As that of [`Say`].
    pub id: String,
    /// What it is called.
    pub name: String,
    /// Its media type, as the client says; nobody has looked at it.
    #[serde(rename = "type")]
    pub kind: String,
    /// All of it.
    pub bytes: Bytes,
}

/// To have the bytes of a file that a [`Message`] speaks of.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
pub struct Fetch {
    /// Which room.
    pub room: String,
    /// Which message.
    pub number: u64,
}

/// Somebody writes, or does so no more.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
pub struct Typing {
    /// Where.
    pub room: String,
    /// Who; from a client, nothing.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub name: String,
    /// Whether it does.
    pub typing: bool,
}

/// To tell one person.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
pub struct Whisper {
    /// Whom.
    pub to: String,
    /// As that of [`Say`]. Who hears the same id of the same person twice shows it once, and answers twice.
    pub id: String,
    /// What.
    pub text: String,
}

/// The server's first word.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
pub struct Welcome {
    /// Who the client is.
    pub name: String,
    /// Another with each start of the server, which has then forgotten everything.
    pub epoch: String,
    /// Whether all that the client missed has come before this. If not, join its rooms again, with what it has.
    pub recovered: bool,
    /// Its rooms: it hears what is said there from now on.
    pub yours: Vec<String>,
    /// For how many seconds it may not speak; 0 if it may.
    pub muted: u64,
    /// What the server takes.
    pub bounds: Bounds,
    /// Which rooms there are.
    pub rooms: Vec<RoomSummary>,
}

/// What a client should not even try.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
pub struct Bounds {
    /// The longest text, in bytes.
    pub max_text: usize,
    /// The largest file, in bytes.
    pub max_file: usize,
    /// The longest name of a person, a room or a file, in characters.
    pub max_name: usize,
    /// How many rooms one person is in.
    pub max_rooms_each: usize,
}

/// A room, seen from the outside.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
pub struct RoomSummary {
    /// Its name.
    pub room: String,
    /// How many are in it.
    pub people: usize,
}

/// The answer to [`Join`].
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
pub struct Joined {
    /// Which room.
    pub room: String,
    /// Whose numbers these are: another when the room was made anew.
    pub epoch: String,
    /// The number of the last message; 0 if there was none.
    pub last: u64,
    /// Whether `messages` are all since `since`, or since the room began. If not, some are forgotten.
    pub complete: bool,
    /// From the oldest to the latest.
    pub messages: Vec<Message>,
    /// Who is here, the client among them.
    pub people: Vec<Person>,
}

/// Somebody in a room.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
pub struct Person {
    /// Who.
    pub name: String,
    /// Whether the connection is lost, and may come back.
    pub away: bool,
}

/// Something that was said in a room.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
pub struct Message {
    /// Where.
    pub room: String,
    /// 1 for the first in this room, and one more for each.
    pub number: u64,
    /// When the server took it, in milliseconds since 1970.
    pub at: u64,
    /// Who said it.
    pub from: String,
    /// The sender's id for it.
    pub id: String,
    /// What; empty if it is a file.
    pub text: String,
    /// The file, without its bytes: see [`Fetch`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub file: Option<FileInfo>,
}

/// What is known of a file before it is fetched.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
pub struct FileInfo {
    /// What it is called.
    pub name: String,
    /// Its media type, as its sender says.
    #[serde(rename = "type")]
    pub kind: String,
    /// How many bytes.
    pub size: usize,
}

/// A file.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
pub struct FileContent {
    /// What it is called.
    pub name: String,
    /// Its media type, as its sender says.
    #[serde(rename = "type")]
    pub kind: String,
    /// All of it.
    pub bytes: Bytes,
}

/// The answer to [`Say`] and [`SendFile`]: it is in the room's history, under this number.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
pub struct Receipt {
    /// Its number.
    pub number: u64,
    /// When the server took it, in milliseconds since 1970.
    pub at: u64,
    /// Whether it was there before.
    pub again: bool,
}

/// The answer to [`Whisper`].
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
pub struct WhisperReceipt {
    /// Whether it has been shown. If not, it is kept until they are back, and `read` tells when it has been.
    pub read: bool,
    /// When the server took it, in milliseconds since 1970.
    pub at: u64,
}

/// A whisper, to whom it is for.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
pub struct Whispered {
    /// Who says it.
    pub from: String,
    /// The sender's id for it.
    pub id: String,
    /// What.
    pub text: String,
    /// When the server took it, in milliseconds since 1970.
    pub at: u64,
}

/// To say that a whisper has been shown, later than the server has waited for an answer.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
pub struct Shown {
    /// Who said it.
    pub from: String,
    /// Its id.
    pub id: String,
}

/// A whisper that was kept has been shown.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
pub struct Read {
    /// To whom.
    pub to: String,
    /// Its id.
    pub id: String,
}

/// Somebody came into a room, lost the connection, came back, or has left.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
pub struct Presence {
    /// Where.
    pub room: String,
    /// Who.
    pub name: String,
    /// What became of them.
    pub is: Whereabouts,
}

/// Where somebody is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Whereabouts {
    /// Connected.
    Here,
    /// The connection is lost, and may come back.
    Away,
    /// Left, or away for too long.
    Gone,
}

/// The desk speaks to all.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
pub struct Notice {
    /// What.
    pub text: String,
    /// When, in milliseconds since 1970.
    pub at: u64,
}

/// The desk has silenced somebody: who, for it, and for how long, for the client.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
pub struct Mute {
    /// Who; to the client, nothing.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub name: String,
    /// For how long; 0: not any more.
    pub seconds: u64,
}

/// The last word before the server ends a connection.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
pub struct Goodbye {
    /// Why.
    pub why: Why,
}

/// Why the server ends a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Why {
    /// The server stops, and may be started again: come back.
    Stopping,
    /// The desk has shown the door: do not come back by yourself.
    Desk,
    /// The same key came by another connection: do not come back by yourself.
    Elsewhere,
}

/// Somebody, as the desk sees them.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
pub struct Seen {
    /// Who.
    pub name: String,
    /// Whether the connection is lost, and may come back.
    pub away: bool,
    /// Where.
    pub rooms: Vec<String>,
    /// From where, without the port; empty if that is not known.
    pub address: String,
    /// For how many seconds they may not speak; 0 if they may.
    pub muted: u64,
}
