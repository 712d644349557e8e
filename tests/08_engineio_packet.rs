use super::subject::{Frame, Packet};

#[test]
fn s1_a_close_is_the_digit_1() {
    let _step = transcript::step!();
    assert_eq!(Packet::Close.encode(), Frame::Text("1".into()));
}
