import MartletCore
import MartletRDD

/// The settings of the socket sources for the detection of dead peers.
///
/// A peer that loses power, or whose network breaks, does not close the connection: it just becomes silent. The system
/// therefore probes a silent peer from time to time (TCP keep-alive). If it does not answer, the receiver connects
/// again. With the defaults this takes two minutes.
public enum SocketSetting {
  /// The time without data after which a peer is probed for the first time: `60s`, the default; `500ms`; or a number of
  /// milliseconds. The system counts whole seconds, from 1 to 32,767; fractions are rounded up.
  public static let keepAliveTimeKey = "martlet.streaming.socket.keepAlive.time"
  /// The time between two probes. Default: `10s`.
  public static let keepAliveIntervalKey = "martlet.streaming.socket.keepAlive.interval"
  /// The number of unanswered probes after which the connection counts as broken, from 1 to 127. Default: 6.
  public static let keepAliveProbesKey = "martlet.streaming.socket.keepAlive.probes"
  /// The time without data after which a connection is closed and made again, whether the peer is still there or not:
  /// `30s`, `500ms`, or a number of milliseconds. Default: no limit. For peers that send data regularly. Time in which
  /// the receiver does not read, because its memory is full, does not count.
  public static let readTimeoutKey = "martlet.streaming.socket.readTimeout"
}

/// The parsed settings of the socket sources.
struct SocketOptions: Sendable {
  /// The time in seconds, like the interval.
  let keepAliveTime: Int32
  let keepAliveInterval: Int32
  let keepAliveProbes: Int32
  let readTimeout: Duration?

  /// The defaults.
  static let standard = SocketOptions()

  private init() {
    (keepAliveTime, keepAliveInterval, keepAliveProbes, readTimeout) = (60, 10, 6, nil)
  }

  init(_ conf: MartletConf) throws {
    keepAliveTime = try conf.wholeSeconds(SocketSetting.keepAliveTimeKey, default: Self.standard.keepAliveTime)
    keepAliveInterval = try conf.wholeSeconds(
      SocketSetting.keepAliveIntervalKey, default: Self.standard.keepAliveInterval)
    keepAliveProbes = Int32(
      clamping: try conf.integer(SocketSetting.keepAliveProbesKey, default: Int(Self.standard.keepAliveProbes)))
    let timeout = SocketSetting.readTimeoutKey
    readTimeout = conf.get(timeout) == nil ? nil : try conf.duration(timeout, default: .zero)
  }
}
