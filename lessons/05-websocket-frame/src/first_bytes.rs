/// The two bytes that every frame begins with, taken apart (RFC 6455, section 5.2).
///
/// # Format
///
/// ```text
/// F R R R O O O O   M L L L L L L L
/// │ └─┬─┘ └──┬──┘   │ └─────┬─────┘
/// │   │      │      │       └ length
/// │   │      │      └ masked
/// │   │      └ opcode
/// │   └ reserved
/// └ final
/// ```
///
/// The bits as they came: whether they may be so is for others to say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FirstBytes {
    /// Whether this frame is the last one of its message.
    pub is_final: bool,
    /// Three bits that extensions may use: 0 when none was agreed.
    pub reserved: u8,
    /// Four bits: what kind of frame this is.
    pub opcode: u8,
    /// Whether a mask key follows.
    pub is_masked: bool,
    /// Seven bits: the length of the payload up to 125; 126 and 127 announce a longer form.
    pub length: u8,
}

impl FirstBytes {
    /// Takes the two bytes apart.
    #[must_use]
    pub fn parse([first, second]: [u8; 2]) -> Self {
        // TODO step 5.1: Take the first two bytes apart
        //
        // Every frame begins with two bytes, and each of their sixteen bits has a meaning; the
        // picture above the type shows which. First take them apart: one bit says whether the frame
        // is final, three are reserved, four are the opcode, one says whether a mask key follows,
        // seven are the length. `reserved`, `opcode` and `length` become small numbers: the three
        // reserved bits `100` are 4. Then, in `to_bytes`, put them together again. (RFC 6455,
        // section 5.2)
        //
        // Stuck? cargo course hint 5.1
        todo!("step 5.1: Take the first two bytes apart (cargo course hint 5.1)")
    }

    /// Puts the two bytes together again.
    #[must_use]
    pub fn to_bytes(self) -> [u8; 2] {
        // TODO step 5.1, continued: see `FirstBytes::parse` in src/first_bytes.rs
        todo!("step 5.1: Take the first two bytes apart (cargo course hint 5.1)")
    }
}
