import MartletCore
import MartletRDD

/// The settings of the socket sources: how they notice that a peer is gone.
///
/// A peer that loses its power, or whose network breaks, ends no connection: nothing comes any more, and that is all. So
/// the system asks a peer that is silent, from time to time, whether it is still there (TCP keep-alive). One that does not
/// answer is connected to again. With the defaults that takes two minutes.
public enum SocketSetting {
  /// How long a peer is silent before it is asked for the first time: `60s`, the default; `500ms`; or a number of
  /// milliseconds. The system counts in whole seconds, from 1 to 32,767: parts of one count as a second.
  public static let keepAliveTimeKey = "martlet.streaming.socket.keepAlive.time"
  /// How long it has to answer before it is asked again. Default: `10s`.
  public static let keepAliveIntervalKey = "martlet.streaming.socket.keepAlive.interval"
  /// How many times it is asked in vain until the connection counts as broken, from 1 to 127. Default: 6.
  public static let keepAliveProbesKey = "martlet.streaming.socket.keepAlive.probes"
  /// How long a connection may bring nothing until it is made again, whether the peer is still there or not: `30s`,
  /// `500ms`, or a number of milliseconds. Default: no limit. For peers that send something regularly. Time in which the
  /// receiver does not read, because it holds as much as it may, does not count.
  public static let readTimeoutKey = "martlet.streaming.socket.readTimeout"
}

/// The settings of the socket sources, read.
struct SocketOptions: Sendable {
  /// In seconds, as is the interval.
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
