//! One small drawing for each stop of the road: time runs down, the client is left, the server right.

use crate::svg::Svg;

/// A place to draw in; points in it are parts of its width and height.
pub(super) struct Sketch {
    pub(super) left: f64,
    pub(super) top: f64,
    pub(super) width: f64,
    pub(super) height: f64,
}

/// In the order of the road.
pub(super) const SKETCHES: [fn(&mut Svg, &Sketch); 7] = [
    ask_and_answer,
    long_polling,
    websocket,
    engine_io,
    socket_io,
    staying_connected,
    in_production,
];

const CLIENT: &str = "lane-0";
const SERVER: &str = "lane-1";

impl Sketch {
    fn at(&self, x: f64, y: f64) -> (f64, f64) {
        (self.left + x * self.width, self.top + y * self.height)
    }

    /// Who stands left and who right, once for all sketches.
    pub(super) fn names(&self, svg: &mut Svg, client: &str, server: &str) {
        let ((left, y), (right, _)) = (self.at(0.0, 0.0), self.at(1.0, 0.0));
        svg.text(&format!("name {CLIENT}"), (left - 3.0, y - 6.0), client);
        svg.text(&format!("name {SERVER} last"), (right + 3.0, y - 6.0), server);
    }

    fn lifelines(&self, svg: &mut Svg) {
        for x in [0.0, 1.0] {
            svg.line("lifeline", self.at(x, 0.0), self.at(x, 1.0));
        }
    }

    /// A connection on which both may speak, from one moment to another.
    fn connection(&self, svg: &mut Svg, from: f64, to: f64) {
        let size = (self.width, (to - from) * self.height);
        svg.rect("connection", self.at(0.0, from), size, 3.0);
    }

    fn asks(&self, svg: &mut Svg, y: f64) {
        self.arrow(svg, CLIENT, (0.0, y), (1.0, y));
    }

    fn tells(&self, svg: &mut Svg, y: f64) {
        self.arrow(svg, SERVER, (1.0, y), (0.0, y));
    }

    /// An arrow whose head points along the line, however it leans.
    fn arrow(&self, svg: &mut Svg, speaker: &str, from: (f64, f64), to: (f64, f64)) {
        let ((x1, y1), (x2, y2)) = (self.at(from.0, from.1), self.at(to.0, to.1));
        let length = (x2 - x1).hypot(y2 - y1);
        let (dx, dy) = ((x2 - x1) / length, (y2 - y1) / length);
        let (x, y) = (x2 - 6.5 * dx, y2 - 6.5 * dy);
        svg.line(&format!("arrow {speaker}"), (x1, y1), (x, y));
        let (left, right) = ((x + 3.2 * dy, y - 3.2 * dx), (x - 3.2 * dy, y + 3.2 * dx));
        let head =
            format!("M{:.1} {:.1}L{x2:.1} {y2:.1}L{:.1} {:.1}z", left.0, left.1, right.0, right.1);
        svg.path(&format!("arrowhead {speaker}"), head);
    }

    fn peer(&self, svg: &mut Svg, speaker: &str, x: f64, y: f64, r: f64) {
        let (cx, cy) = self.at(x, y);
        svg.shape("circle", &format!("peer {speaker}"), &[("cx", cx), ("cy", cy), ("r", r)]);
    }
}

fn ask_and_answer(svg: &mut Svg, sketch: &Sketch) {
    sketch.lifelines(svg);
    sketch.asks(svg, 0.14);
    sketch.tells(svg, 0.34);
    sketch.asks(svg, 0.66);
    sketch.tells(svg, 0.86);
}

fn long_polling(svg: &mut Svg, sketch: &Sketch) {
    sketch.lifelines(svg);
    sketch.asks(svg, 0.14);
    let (x, y) = sketch.at(1.0, 0.14);
    svg.rect("holding", (x - 3.0, y), (6.0, 0.52 * sketch.height), 3.0);
    sketch.tells(svg, 0.66);
    sketch.asks(svg, 0.86);
}

fn websocket(svg: &mut Svg, sketch: &Sketch) {
    sketch.connection(svg, 0.0, 1.0);
    sketch.lifelines(svg);
    sketch.tells(svg, 0.12);
    sketch.tells(svg, 0.31);
    sketch.asks(svg, 0.5);
    sketch.tells(svg, 0.69);
    sketch.asks(svg, 0.88);
}

fn engine_io(svg: &mut Svg, sketch: &Sketch) {
    sketch.connection(svg, 0.42, 1.0);
    sketch.lifelines(svg);
    sketch.asks(svg, 0.1);
    sketch.tells(svg, 0.26);
    let (x, y) = sketch.at(0.0, 0.71);
    let flat = sketch.width * 0.36;
    let beat = sketch.width * 0.28 / 6.0;
    let up =
        format!("l{beat:.1} -5l{beat:.1} 14l{beat:.1} -20l{beat:.1} 16l{beat:.1} -5h{beat:.1}");
    svg.path("heartbeat", format!("M{x:.1} {y:.1}h{flat:.1}{up}h{flat:.1}"));
}

fn socket_io(svg: &mut Svg, sketch: &Sketch) {
    sketch.arrow(svg, CLIENT, (0.1, 0.5), (0.4, 0.5));
    for y in [0.12, 0.5, 0.88] {
        let slope = (y - 0.5) * 0.22;
        sketch.arrow(svg, SERVER, (0.56, 0.5 + slope), (0.92, y));
        sketch.peer(svg, CLIENT, 0.97, y, 4.5);
    }
    sketch.peer(svg, CLIENT, 0.04, 0.5, 4.5);
    sketch.peer(svg, SERVER, 0.48, 0.5, 8.0);
}

fn staying_connected(svg: &mut Svg, sketch: &Sketch) {
    sketch.connection(svg, 0.0, 0.2);
    sketch.connection(svg, 0.6, 1.0);
    sketch.lifelines(svg);
    sketch.tells(svg, 0.1);
    let (x, y) = sketch.at(0.5, 0.4);
    let (left, right, top, bottom) = (x - 5.0, x + 5.0, y - 5.0, y + 5.0);
    svg.path("lost", format!("M{left} {top}L{right} {bottom}M{left} {bottom}L{right} {top}"));
    for waiting in 0..3 {
        let (x, y) = sketch.at(0.0, 0.4);
        let x = x + 8.0 + 9.0 * f64::from(waiting);
        svg.rect("packet", (x, y - 3.5), (7.0, 7.0), 1.5);
    }
    for y in [0.68, 0.8, 0.92] {
        sketch.asks(svg, y);
    }
}

fn in_production(svg: &mut Svg, sketch: &Sketch) {
    let (x, y) = sketch.at(0.08, 0.78);
    svg.rect("bus", (x, y), (0.84 * sketch.width, 9.0), 4.5);
    for x in [0.2, 0.5, 0.8] {
        svg.line("arrow lane-1", sketch.at(x, 0.5), sketch.at(x, 0.78));
        for client in [-0.09, 0.0, 0.09] {
            svg.line("thin", sketch.at(x + client, 0.1), sketch.at(x, 0.45));
            sketch.peer(svg, CLIENT, x + client, 0.1, 3.0);
        }
        sketch.peer(svg, SERVER, x, 0.45, 7.0);
    }
}
