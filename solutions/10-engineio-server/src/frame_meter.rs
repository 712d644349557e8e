use websocket_frame::{Config, FrameError, FrameHeader, Opcode, Role};

/// The longest header of a frame, in bytes.
const LONGEST: usize = 14;

/// tungstenite holds the limits; here a frame has only to be understood.
const ANY: Config = Config { role: Role::Server, max_payload: u64::MAX };

/// Knows where in a stream of bytes a frame ends, and whether its message does.
#[derive(Debug)]
pub(crate) struct FrameMeter {
    state: State,
    in_message: bool,
}

#[derive(Debug)]
enum State {
    Header { known: [u8; LONGEST], len: usize },
    Payload { left: u64 },
}

const START: State = State::Header { known: [0; LONGEST], len: 0 };

impl FrameMeter {
    pub(crate) fn new() -> Self {
        Self { state: START, in_message: false }
    }

    /// How many of these bytes, which come next, are of one frame: at least one, if there is one.
    ///
    /// # Errors
    ///
    /// They are no frame. Nothing that comes after them can be understood.
    pub(crate) fn take(&mut self, bytes: &[u8]) -> Result<usize, FrameError> {
        let header = match &mut self.state {
            State::Header { known, len } => {
                let more = bytes.len().min(LONGEST - *len);
                known[*len..*len + more].copy_from_slice(&bytes[..more]);
                let Some((header, size)) = FrameHeader::decode(&known[..*len + more], &ANY)? else {
                    *len += more;
                    return Ok(more);
                };
                let taken = size - *len;
                self.begin(&header);
                taken
            }
            State::Payload { .. } => 0,
        };
        Ok(header + self.take_payload(bytes.len() - header))
    }

    /// Whether everything so far was whole messages.
    pub(crate) fn is_between_messages(&self) -> bool {
        matches!(self.state, State::Header { len: 0, .. }) && !self.in_message
    }

    fn begin(&mut self, header: &FrameHeader) {
        self.state = State::Payload { left: header.payload_len };
        if matches!(header.opcode, Opcode::Text | Opcode::Binary | Opcode::Continuation) {
            self.in_message = !header.is_final;
        }
    }

    fn take_payload(&mut self, available: usize) -> usize {
        let State::Payload { left } = &mut self.state else { return 0 };
        let taken = usize::try_from(*left).map_or(available, |left| left.min(available));
        *left -= taken as u64;
        if *left == 0 {
            self.state = START;
        }
        taken
    }
}
