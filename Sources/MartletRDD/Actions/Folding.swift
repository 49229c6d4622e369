public import MartletCore

// The building blocks of actions.
extension RDD {
  /// Folds each partition into a copy of `zero`; the results are in the order of the partitions.
  @usableFromInline
  package func folded<Result: Sendable>(
    _ zero: Result, _ kernel: @escaping FoldKernel<Element, Result>, _ site: OperatorSite
  ) throws -> [Result] {
    try context.runJob(self, site) { try $0.fold(zero, kernel) }
  }

  /// Folds each partition, and merges the results in the order of the partitions, on the calling thread.
  @usableFromInline
  package func folded<Result: Sendable, Total>(
    _ zero: Result, _ kernel: @escaping FoldKernel<Element, Result>, into total: Total, _ site: OperatorSite,
    merge: (inout Total, Result) throws -> Void
  ) throws -> Total {
    let parts = try folded(zero, kernel, site)
    var total = total
    do {
      for part in parts { try merge(&total, part) }
    } catch {
      throw site.failure(error)
    }
    return total
  }

  /// All elements combined, with the results of partitions in order; `nil` if there are none.
  @usableFromInline
  package func reduced(
    _ kernel: @escaping FoldKernel<Element, Element?>, _ site: OperatorSite,
    _ combine: (Element, Element) throws -> Element
  ) throws -> Element? {
    try folded(nil, kernel, into: nil, site) { total, part in
      guard let part else { return }
      total = try total.map { try combine($0, part) } ?? part
    }
  }
}

extension OperatorSite {
  /// The error of an action that needs an element on an empty RDD.
  @usableFromInline
  package var isEmpty: MartletError {
    MartletError(.emptyCollection, "\(name) at \(callSite): the RDD has no elements.")
  }

  /// The error of an operation with an invalid argument.
  @usableFromInline
  package func refuses(_ reason: String) -> MartletError {
    MartletError(.invalidArgument, "\(name) at \(callSite): \(reason)")
  }
}
