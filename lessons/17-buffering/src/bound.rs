/// How much may wait. What comes beyond is lost, by an [`Overflow`] that has a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bound {
    /// In number.
    pub items: usize,
    /// In bytes, as they travel, with what it takes to keep each. Where all are small the allocator needs two
    /// and a half times as much.
    pub bytes: usize,
}

/// What is lost when more comes than may wait.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Overflow {
    /// What comes. All that was taken stays, without a gap.
    #[default]
    Refuse,
    /// The oldest, as many as make room: for what the newest replaces.
    DropOldest,
    /// All that waits: for what is of no use without the rest.
    DropAll,
}
