// Spark's names for things that have other names in Martlet. Using one is a compile error that names the replacement.

/// Use `MartletContext`.
@available(*, unavailable, renamed: "MartletContext")
public typealias SparkContext = MartletContext

/// Use `MartletConf`.
@available(*, unavailable, renamed: "MartletConf")
public typealias SparkConf = MartletConf

// swift-format-ignore: AlwaysUseLowerCamelCase
/// Durations are Swift's.
@available(*, unavailable, message: "write .milliseconds(500)")
public func Milliseconds(_ count: Int) -> Duration { .milliseconds(count) }

// swift-format-ignore: AlwaysUseLowerCamelCase
/// Durations are Swift's.
@available(*, unavailable, message: "write .seconds(1)")
public func Seconds(_ count: Int) -> Duration { .seconds(count) }

// swift-format-ignore: AlwaysUseLowerCamelCase
/// Durations are Swift's.
@available(*, unavailable, message: "write .seconds(60)")
public func Minutes(_ count: Int) -> Duration { .seconds(60 * count) }

extension MartletContext {
  /// A swift-log `Logger` controls logging.
  @available(
    *, unavailable, message: "pass a Logger of swift-log with the level to MartletContext(…) or StreamingContext(…)"
  )
  public func setLogLevel(_ level: String) {}
}
