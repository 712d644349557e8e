use socketio_session::SocketId;

/// Where a socket stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum State {
    /// Nobody asked for a connection, or it was refused or ended.
    Disconnected,
    /// It will be connected when the server can be reached and says yes.
    Connecting,
    /// It is connected.
    Connected {
        /// The server's name for it.
        id: SocketId,
        /// Whether it is the socket that it was before the connection broke: with its id, its rooms, and
        /// what was missed.
        recovered: bool,
    },
}
