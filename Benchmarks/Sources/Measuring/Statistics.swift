extension Collection where Element == Double {
  /// The smallest element that at least `share` of the elements do not exceed; `nan` if there is none.
  public func quantile(_ share: Double) -> Double {
    let ordered = sorted()
    guard !ordered.isEmpty else { return .nan }
    return ordered[Swift.min(ordered.count - 1, Swift.max(0, Int((share * Double(ordered.count)).rounded(.up)) - 1))]
  }

  /// The median element.
  public var median: Double { quantile(0.5) }
}

extension Array {
  /// The later half: the measurements after the start-up effects.
  public var laterHalf: ArraySlice<Element> { self[(count / 2)...] }
}
