import Logging
import MartletCore
import Synchronization

/// Reports that elements stay in memory beyond a bound, because they cannot be written to disk: once for all
/// RDDs that share it.
package final class UnwritableElements: Sendable {
  private let isReported = Atomic<Bool>(false)

  package init() {}

  /// Writes the warning to the log, unless it is there already.
  ///
  /// - Parameter bound: the setting that the elements exceed.
  func report<Element>(_ type: Element.Type, _ site: OperatorSite, bound: String, _ context: MartletContext) {
    guard !isReported.exchange(true, ordering: .relaxed) else { return }
    context.logger.warning(
      """
      \(site): the elements that are kept need more memory than \(bound) allows. They stay in \
      memory nonetheless, without a limit, because \(String(reflecting: Element.self)) cannot be written to disk. Use a \
      value type that is Codable, or keep less: map to smaller elements, or shorten the window.
      """)
  }
}
