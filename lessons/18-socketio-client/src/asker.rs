use buffering::NoAnswer;
use socketio_packet::RawArgs;
use tokio::sync::oneshot;

/// Who waits for the server's answer; `None` if it is only that the packet came.
pub(crate) type Asker = Option<oneshot::Sender<Result<RawArgs, NoAnswer>>>;

pub(crate) fn hear(asker: Asker, heard: Result<RawArgs, NoAnswer>) {
    if let Some(asker) = asker {
        let _ = asker.send(heard); // whoever asked may have given up
    }
}
