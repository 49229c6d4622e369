package import MartletCore

/// The length and slide of a window, and its division into panes.
///
/// A window consists of *panes*: intervals of the same length, counted from the start of the context. The lengths of a
/// window and of a slide are multiples of it. The result for a pane is used in all windows that contain it.
///
///     panes    0   1   2   3   4   5   6
///             |---|---|---|---|---|---|---|
///     windows |-----------|                     3 panes long, sliding by 1
///                 |-----------|
///                     |-----------|
package struct WindowSpan: Sendable {
  package let window: Duration
  package let slide: Duration
  /// The time between two RDDs of the parent.
  package let parentSlide: Duration
  /// The length of a pane: the longest of which window and slide are multiples.
  package let pane: Duration
  /// The number of panes of a window.
  package let panes: Int

  /// Creates the span of a window over `parent`; an error is stored for `start()` to throw.
  package init(
    _ window: Duration, _ slide: Duration?, over parent: any StreamNode, _ graph: StreamGraph, _ site: OperatorSite
  ) {
    // An invalid interval has already been refused.
    let parentSlide = max(parent.slideDuration, .nanoseconds(1))
    let slide = slide ?? parentSlide
    for (length, name) in [(window, "window"), (slide, "slide")] {
      guard let reason = Self.fault(length, parentSlide) else { continue }
      graph.fail(
        MartletError(
          .invalidArgument,
          """
          \(site.name) at \(site.callSite): a \(name) of \(Self.text(length)) \(reason). It must be a multiple of \
          \(parentSlide.text), the slide of its parent stream (\(parent.site.name) at \(parent.site.callSite)).
          """))
      self.init(parentSlide, parentSlide, parentSlide)
      return
    }
    self.init(window, slide, parentSlide)
  }

  private init(_ window: Duration, _ slide: Duration, _ parentSlide: Duration) {
    self.window = window
    self.slide = slide
    self.parentSlide = parentSlide
    let pane = Self.greatestCommonDivisor(window.nanoseconds, slide.nanoseconds)
    self.pane = .nanoseconds(pane)
    panes = Int(window.nanoseconds / pane)
  }

  private static func fault(_ length: Duration, _ parentSlide: Duration) -> String? {
    if length < .nanoseconds(1) { return "is not positive" }
    if length > longest { return "is longer than a hundred years" }
    return length.isMultiple(of: parentSlide) ? nil : "cannot be made of whole batches"
  }

  /// A text for display; also for lengths that overflow nanoseconds.
  private static func text(_ length: Duration) -> String {
    length > longest || length < .zero - longest ? "\(length)" : length.text
  }

  private static var longest: Duration { .seconds(100 * 366 * 86400) }

  private static func greatestCommonDivisor(_ a: Int64, _ b: Int64) -> Int64 {
    var (a, b) = (a, b)
    while b != 0 { (a, b) = (b, a % b) }
    return a
  }

  /// The panes of the window that ends at `time`; fewer at the beginning.
  package func panes(endingAt time: Time, _ zero: Time) -> Range<Int> {
    let end = Int((time - zero).nanoseconds / pane.nanoseconds)
    return max(0, end - panes)..<max(0, end)
  }

  /// The times of the parent's RDDs in a pane.
  package func times(ofPane index: Int, _ zero: Time) -> [Time] {
    let start = zero + .nanoseconds(pane.nanoseconds * Int64(index))
    return (start + parentSlide).to(start + pane, parentSlide)
  }

  /// The times of the parent's RDDs in the window that ends at `time`.
  package func times(endingAt time: Time, _ zero: Time) -> [Time] {
    (max(zero, time - window) + parentSlide).to(time, parentSlide)
  }

  /// Returns true if a window that ends after `time` contains the batch at `time`.
  package func isInLaterWindow(_ time: Time, _ zero: Time) -> Bool {
    let next = time.floor(slide, zero) + slide
    return time > next - window
  }
}
