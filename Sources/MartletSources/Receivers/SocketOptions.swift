import MartletCore
import MartletRDD

/// The settings of the socket sources: how they notice that a peer is gone.
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
    func seconds(_ setting: MartletConf.Setting<Duration>) throws -> Int32? {
      try conf.get(setting).map { Int32(clamping: SettingForm.wholeSeconds($0)) }
    }
    keepAliveTime = try seconds(.socketKeepAliveTime) ?? Self.standard.keepAliveTime
    keepAliveInterval = try seconds(.socketKeepAliveInterval) ?? Self.standard.keepAliveInterval
    keepAliveProbes = try conf.get(.socketKeepAliveProbes).map(Int32.init(clamping:)) ?? Self.standard.keepAliveProbes
    readTimeout = try conf.get(.socketReadTimeout)
  }
}
