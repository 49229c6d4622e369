import MartletCore

// All settings, those of streams too: a program has one set of them.

extension MartletConf {
  package static let allSettings: [KnownSetting] = [
    Setting<String>.master.known, Setting<String>.appName.known, Setting<Int>.defaultParallelism.known,
    Setting<Int>.memoryBytes.known, Setting<Int>.sqlMemoryBytes.known,
    Setting<Int>.taskMemoryBytes.known, Setting<String>.localDirectory.known, Setting<Int>.maximumLineBytes.known,
    Setting<String>.eventLogDirectory.known, Setting<Bool>.eventLogEnabled.known,
    Setting<Int>.eventLogMaximumBytes.known,
    Setting<Bool>.stopsContextByDefault.known, Setting<Duration>.gracefulStopTimeout.known,
    Setting<Bool>.writeAheadLog.known, Setting<Duration>.blockInterval.known, Setting<Int>.receiverBufferBytes.known,
    Setting<Int>.receiverMemoryBytes.known, Setting<Duration>.receiverStopTimeout.known,
    Setting<Double>.maximumRate.known,
    Setting<Bool>.backpressure.known, Setting<Double>.initialRate.known, Setting<RateEstimator>.rateEstimator.known,
    Setting<Double>.pidProportional.known,
    Setting<Double>.pidIntegral.known, Setting<Double>.pidDerived.known, Setting<Double>.pidMinimumRate.known,
    Setting<Duration>.fileSettleTime.known, Setting<Int>.maximumFilesPerBatch.known,
    Setting<Duration>.socketKeepAliveTime.known, Setting<Duration>.socketKeepAliveInterval.known,
    Setting<Int>.socketKeepAliveProbes.known,
    Setting<Duration>.socketReadTimeout.known,
  ]

  /// How the rates of receivers are estimated.
  public enum RateEstimator: String, Sendable {
    /// By proportional, integral and derivative terms, as a controller.
    case pid
  }
}

// MARK: The program

extension MartletConf.Setting where Value == String {
  /// Where the program runs: `local[N]`, `local[*]`. Default: `local[*]`.
  public static var master: Self { Self("martlet.master", .master, default: "`local[*]`") }

  /// The program's name. Default: `martlet`.
  public static var appName: Self { Self("martlet.app.name", .text, default: "`martlet`") }

  /// The folder for spilled data, made if it is missing. Its files have no names, so none outlives the process.
  /// Default: the system's temporary folder.
  public static var localDirectory: Self {
    Self("martlet.local.dir", .folder, default: "the system's temporary folder")
  }
}

extension MartletConf.Setting where Value == Int {
  /// Partitions of shuffles and of `parallelize` where none are asked for, at most 1,048,576. Default: of shuffles of
  /// RDDs, as many as the largest parent has; otherwise the threads of the master.
  public static var defaultParallelism: Self {
    Self("martlet.default.parallelism", .integer(1...maximumPartitions), default: "the threads of the master")
  }

  /// Bytes that cached partitions may take in memory, together with what streams keep of earlier batches (for a window,
  /// for `remember`), before the oldest make room. Default: a quarter of the machine's, or of the container's if that is
  /// limited.
  ///
  /// What streams keep goes to disk (`localDirectory`), and is never dropped. If it cannot be written, because the disk is
  /// full, a batch that finds no room fails, and a receiver whose blocks find none waits. Elements that have no binary form
  /// (objects of classes, and what is neither `Codable` nor made of such) stay in memory beyond the limit, and the log
  /// warns of it. `docs/memory.md` lists all that is kept, and its limits.
  public static var memoryBytes: Self {
    Self("martlet.memory.bytes", .integer(0 ... .max), default: "a quarter of the memory")
  }

  /// Bytes that SQL queries and cached data frames may take in memory. Beyond that, joins, sorts and aggregations go to disk
  /// (`localDirectory`), and a query that can do so no further fails. Default: half of the machine's, or of the container's
  /// if that is limited.
  public static var sqlMemoryBytes: Self {
    Self("martlet.sql.memory.bytes", .integer((1 << 20) ... .max), default: "half of the memory")
  }

  /// Bytes that the shuffles and sorts of one task may take in memory before they spill; for each thread, the tables of
  /// windows by key may take as many, together with what shuffles hold between their stages. Default: 268,435,456, or,
  /// where all threads together would take more than a quarter of the memory, as much less.
  public static var taskMemoryBytes: Self {
    Self("martlet.task.memory.bytes", .integer(1 ... .max), default: "256 MiB, or less on a small machine")
  }

  /// Bytes of the longest line that is read as one; longer ones are an error. Default: 67,108,864.
  public static var maximumLineBytes: Self {
    Self("martlet.line.maximum.bytes", .integer(1 ... .max), default: "64 MiB")
  }
}

// MARK: Events

extension MartletConf.Setting where Value == String {
  /// The folder for event logs, made if it is missing: see ``EventLog``. Default: no event log.
  public static var eventLogDirectory: Self { Self("martlet.eventLog.dir", .folder, default: "no event log") }
}

extension MartletConf.Setting where Value == Bool {
  /// Whether events are logged. Default: true if there is a folder for them.
  public static var eventLogEnabled: Self {
    Self("martlet.eventLog.enabled", .flag, default: "true if there is a folder")
  }
}

extension MartletConf.Setting where Value == Int {
  /// Bytes that the event logs of a program may take in their folder together, with those of its earlier runs; the
  /// oldest files are removed. At least 1,048,576. Default: 268,435,456.
  public static var eventLogMaximumBytes: Self {
    Self("martlet.eventLog.maximum.bytes", .integer(1 << 20 ... .max), default: "256 MiB")
  }
}

// MARK: Stopping

extension MartletConf.Setting where Value == Bool {
  /// Whether a stop of a `StreamingContext` that does not say so also stops its `MartletContext`. Default: true.
  public static var stopsContextByDefault: Self {
    Self("martlet.streaming.stopContextByDefault", .flag, default: "true")
  }
}

extension MartletConf.Setting where Value == Duration {
  /// How long `stop`, `run` and signals wait for receivers to end and, when they stop gracefully, for what has been
  /// received to be processed. Default: ten batch intervals, and at least a minute. Receivers have all of it but the last
  /// tenth, or the last second if that is longer, as long as they store something (`receiverStopTimeout`). After it the
  /// context stops nonetheless: the log and `StreamingReport.unfinished` say what was not processed. With a checkpoint, it
  /// is processed after a restart. Otherwise it is lost, and `run` and `awaitTermination` throw `IncompleteStop`.
  public static var gracefulStopTimeout: Self {
    Self("martlet.streaming.gracefulStopTimeout", .duration, default: "ten batch intervals, at least 60 s")
  }
}

// MARK: Receivers

extension MartletConf.Setting where Value == Bool {
  /// Whether a context with a checkpoint writes what receivers store to a log before it is processed. Without the log, what
  /// was received and not processed is lost with the process. Default: true.
  public static var writeAheadLog: Self {
    Self("martlet.streaming.receiver.writeAheadLog.enable", .flag, default: "true")
  }
}

extension MartletConf.Setting where Value == Duration {
  /// How long what was received may wait until it is written to the log. A batch that is cut has everything written at
  /// once. Default: 200 ms.
  public static var blockInterval: Self { Self("martlet.streaming.blockInterval", .duration, default: "200 ms") }

  /// How long a receiver that is to stop may go on without storing anything. Then the context stops without it, and the log
  /// says so: a graceful stop processes the records that it has stored, and those that it stores later are discarded. One
  /// that still stores something is waited for as long as `gracefulStopTimeout` allows, unless it stores more than there is
  /// room for. Default: 5 s.
  public static var receiverStopTimeout: Self {
    Self("martlet.streaming.receiver.stopTimeout", .duration, default: "5 s")
  }
}

extension MartletConf.Setting where Value == Int {
  /// Bytes that one receiver may hold in memory until their batches are done. What a window or `remember` needs for longer
  /// counts against `memoryBytes` from then on. Default: what it can take in one batch interval at full speed, and from 56
  /// to 512 MiB.
  public static var receiverBufferBytes: Self {
    Self(
      "martlet.streaming.receiver.buffer.bytes", .integer(1 ... .max), default: "by the batch interval, at least 56 MiB"
    )
  }

  /// Bytes that all receivers of a context together may hold in memory, in addition to the bound for each one
  /// (`receiverBufferBytes`). One half is dealt out evenly, so that each receiver can always go on; the other half goes to
  /// those that need it first. Default: half of `memoryBytes`, at least 67,108,864 (64 MiB), and at least the bound for each
  /// one if that is set.
  public static var receiverMemoryBytes: Self {
    Self(
      "martlet.streaming.receivers.memory.bytes", .integer(1 ... .max),
      default: "half of `.memoryBytes`, at least 64 MiB")
  }
}

// MARK: Rates

extension MartletConf.Setting where Value == Double {
  /// Records per second that each receiver takes at most. Default: no limit; 0 is none either.
  public static var maximumRate: Self {
    Self("martlet.streaming.receiver.maxRate", .number(allowsZero: true), default: "no limit")
  }

  /// Records per second that each receiver takes, with back-pressure, until the first batches are done. Default: that of
  /// `maximumRate`.
  public static var initialRate: Self {
    Self("martlet.streaming.backpressure.initialRate", .number(allowsZero: false), default: "`.maximumRate`")
  }

  /// The weight of the last batch's error. Default: 1.
  public static var pidProportional: Self {
    Self("martlet.streaming.backpressure.pid.proportional", .number(allowsZero: true), default: "1")
  }

  /// The weight of what waits. Default: 0.2.
  public static var pidIntegral: Self {
    Self("martlet.streaming.backpressure.pid.integral", .number(allowsZero: true), default: "0.2")
  }

  /// The weight of the error's change. Default: 0.
  public static var pidDerived: Self {
    Self("martlet.streaming.backpressure.pid.derived", .number(allowsZero: true), default: "0")
  }

  /// Records per second below which no rate is set. Default: 100.
  public static var pidMinimumRate: Self {
    Self("martlet.streaming.backpressure.pid.minRate", .number(allowsZero: false), default: "100")
  }
}

extension MartletConf.Setting where Value == Bool {
  /// Whether receivers are slowed down to what the batches can process. Without it, a receiver takes what its buffer holds.
  /// Default: false.
  public static var backpressure: Self { Self("martlet.streaming.backpressure.enabled", .flag, default: "false") }
}

extension MartletConf.Setting where Value == MartletConf.RateEstimator {
  /// How rates are estimated. Default: `.pid`.
  public static var rateEstimator: Self {
    Self("martlet.streaming.backpressure.rateEstimator", .word("pid"), default: "`.pid`")
  }
}

// MARK: Files and sockets

extension MartletConf.Setting where Value == Duration {
  /// How long a file that was not moved in must have been left alone before it is read. Default: 200 ms.
  public static var fileSettleTime: Self {
    Self("martlet.streaming.files.settleTime", .durationOrZero, default: "200 ms")
  }

  /// How long a peer is silent before it is asked for the first time whether it is still there (TCP keep-alive). The system
  /// counts in whole seconds, from 1 to 32,767: parts of one count as a second. Default: 60 s.
  ///
  /// A peer that loses its power, or whose network breaks, ends no connection: nothing comes any more, and that is all. One
  /// that does not answer is connected to again. With the defaults that takes two minutes.
  public static var socketKeepAliveTime: Self {
    Self("martlet.streaming.socket.keepAlive.time", .wholeSeconds(maximum: 32_767), default: "60 s")
  }

  /// How long a peer has to answer before it is asked again. Default: 10 s.
  public static var socketKeepAliveInterval: Self {
    Self("martlet.streaming.socket.keepAlive.interval", .wholeSeconds(maximum: 32_767), default: "10 s")
  }

  /// How long a connection may bring nothing until it is made again, whether the peer is still there or not. For peers that
  /// send something regularly. Time in which the receiver does not read, because it holds as much as it may, does not
  /// count. Default: no limit.
  public static var socketReadTimeout: Self {
    Self("martlet.streaming.socket.readTimeout", .duration, default: "no limit")
  }
}

extension MartletConf.Setting where Value == Int {
  /// The most files that a file stream reads for one batch, the oldest first; the others wait. Default: no limit.
  ///
  /// It is how file streams are kept from bringing more than batches can process: how many lines a file has is not known
  /// before it is read, so rates of records do not go for files. The last batch of a graceful stop takes all files that
  /// wait, unless a checkpoint keeps them for the next start.
  public static var maximumFilesPerBatch: Self {
    Self("martlet.streaming.files.maxFilesPerBatch", .integer(1 ... .max), default: "no limit")
  }

  /// How many times a peer is asked in vain until the connection counts as broken, from 1 to 127. Default: 6.
  public static var socketKeepAliveProbes: Self {
    Self("martlet.streaming.socket.keepAlive.probes", .integer(1...127), default: "6")
  }
}
