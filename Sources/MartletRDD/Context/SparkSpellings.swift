// Names that a user of Spark tries first, with the way to Martlet's. They are compile errors that say how to go on.

/// Martlet's is called `MartletContext`.
@available(*, unavailable, renamed: "MartletContext")
public typealias SparkContext = MartletContext

/// Martlet's is called `MartletConf`.
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
  /// A swift-log `Logger` decides what is logged.
  @available(
    *, unavailable, message: "pass a Logger of swift-log with the level to MartletContext(…) or StreamingContext(…)"
  )
  public func setLogLevel(_ level: String) {}
}
