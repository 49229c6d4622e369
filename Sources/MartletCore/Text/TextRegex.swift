// Regular expressions operate on strings, so these methods convert the text to a string first; `contains`, `hasPrefix`
// and `split` with a text or a scalar do not, and are many times as fast.
//
// Overloads with the same names are disfavored, so that a literal stays a text, even with RegexBuilder, where strings
// are regular expressions.

extension Text {
  /// Returns a Boolean value that indicates whether the regular expression matches somewhere in the text.
  ///
  /// ```swift
  /// lines.filter { $0.contains(/ERROR|FATAL/) }
  /// ```
  @_disfavoredOverload
  public func contains(_ regex: some RegexComponent) -> Bool { String(self).contains(regex) }

  /// The first match of the regular expression in the text.
  ///
  /// ```swift
  /// if let match = line.firstMatch(of: /status=(\d+)/) { status = Int(match.1) }
  /// ```
  public func firstMatch<Output>(of regex: some RegexComponent<Output>) -> Regex<Output>.Match? {
    String(self).firstMatch(of: regex)
  }

  /// The match of the regular expression with the whole text.
  public func wholeMatch<Output>(of regex: some RegexComponent<Output>) -> Regex<Output>.Match? {
    String(self).wholeMatch(of: regex)
  }

  /// The match of the regular expression with the beginning of the text.
  public func prefixMatch<Output>(of regex: some RegexComponent<Output>) -> Regex<Output>.Match? {
    String(self).prefixMatch(of: regex)
  }

  /// The non-overlapping matches of the regular expression in the text.
  public func matches<Output>(of regex: some RegexComponent<Output>) -> [Regex<Output>.Match] {
    String(self).matches(of: regex)
  }

  /// A text with every match of the regular expression replaced by `replacement`.
  @_disfavoredOverload
  public func replacing(_ regex: some RegexComponent, with replacement: Text) -> Text {
    Text(String(self).replacing(regex, with: String(replacement)))
  }

  /// A text with every match of the regular expression replaced by `replacement`.
  @_disfavoredOverload
  public func replacing(_ regex: some RegexComponent, with replacement: String) -> Text {
    Text(String(self).replacing(regex, with: replacement))
  }

  /// The pieces between the matches of the regular expression, with the semantics of Swift's own `split`.
  @_disfavoredOverload
  public func split(
    separator regex: some RegexComponent, maxSplits: Int = .max, omittingEmptySubsequences: Bool = true
  ) -> [Text] {
    String(self).split(separator: regex, maxSplits: maxSplits, omittingEmptySubsequences: omittingEmptySubsequences)
      .map { Text($0) }
  }
}
