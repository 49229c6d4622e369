/// A program that is killed again and again, and what is agreed about its outputs.
///
/// Every program writes the records of each batch, as it got them, to `out/records-TIME`.
package enum Workload: String, Sendable, CaseIterable {
  /// Lines of files, nothing else.
  case files
  /// Counts by key in windows: `out/window-TIME` and, made with an inverse function, `out/inverse-TIME`.
  case windows
  /// Counts by key since the beginning, with `updateStateByKey`: `out/totals-TIME`.
  case update
  /// Windows over state: what `updateStateByKey` has in each batch, added up in `out/recent-TIME`, and what `mapWithState`
  /// gives to each, added up with an inverse function in `out/given-TIME`.
  case history
  /// Lines of a receiver that acknowledges what is in its log. The sender sends again what was not acknowledged, and the
  /// program, by `mapWithState`, tells records that it has got already: they come out as `again RECORD`.
  case map

  /// How many batches a window holds.
  package static let windowLength = 6
  /// How many batches apart windows without an inverse are.
  package static let windowSlide = 2
}
