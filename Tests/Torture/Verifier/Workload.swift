/// A program that is killed repeatedly, and the format of its outputs.
///
/// Every program writes the records of each batch, as received, to `out/records-TIME`.
package enum Workload: String, Sendable, CaseIterable {
  /// Only the lines of files.
  case files
  /// Counts by key in windows: `out/window-TIME` and, made with an inverse function, `out/inverse-TIME`.
  case windows
  /// Counts by key since the beginning, with `updateStateByKey`: `out/totals-TIME`.
  case update
  /// Windows over state: the states of `updateStateByKey` in each batch, added up in `out/recent-TIME`, and the results
  /// of `mapWithState`, added up with an inverse function in `out/given-TIME`.
  case history
  /// Lines of a receiver that acknowledges the lines in its log. The sender sends unacknowledged lines again, and the
  /// program, by `mapWithState`, recognizes records that it already has: they come out as `again RECORD`.
  case map

  /// The number of batches in a window.
  package static let windowLength = 6
  /// The number of batches between windows without an inverse.
  package static let windowSlide = 2
}
