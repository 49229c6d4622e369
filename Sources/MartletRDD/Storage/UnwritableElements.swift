import Logging
import MartletCore
import Synchronization

/// Reports that elements stay in memory beyond a bound, because they cannot be written to disk; once for all RDDs that
/// share it.
package final class UnwritableElements: Sendable {
  private let isReported = Atomic<Bool>(false)

  package init() {}

  /// Logs the warning, unless it has already been logged.
  ///
  /// - Parameter bound: the setting that the elements exceed.
  func report<Element>(_ type: Element.Type, _ site: OperatorSite, bound: String, _ context: MartletContext) {
    guard !isReported.exchange(true, ordering: .relaxed) else { return }
    context.logger.warning(
      """
      \(site.name) at \(site.callSite): the retained elements need more memory than \(bound) allows. They stay in \
      memory, without a limit, because \(String(reflecting: Element.self)) cannot be written to disk. Use a Codable \
      value type, or retain less: map to smaller elements, or shorten the window.
      """)
  }
}
