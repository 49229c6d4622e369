package import MartletCore

/// What the log of a checkpoint holds. Every segment begins with a header.
package enum LogRecord {
  package enum Kind: UInt8, Sendable {
    case header = 1
    case plan = 2
    case state = 3
    case done = 4
    case progress = 5
    case sealed = 6
    case stopped = 7
  }

  /// What the program is, and on which segments this one builds.
  case header(LogHeader)
  /// What a batch is given. On the disk before anything of the batch is computed.
  case plan(BatchPlan)
  /// State that a batch has changed; it counts if the batch is done.
  case state(LoggedState)
  /// A batch is done.
  case done(Time)
  /// What an input must know to go on after all plans before this record.
  case progress(input: Int, UnsafeRawBufferPointer)
  /// The log goes on in the segment of the next number.
  case sealed
  /// The program was stopped in good order.
  case stopped

  package init(_ frame: LogFrame) throws {
    var reader = ByteReader(frame.payload)
    switch frame.kind {
    case .header: self = .header(try LogHeader(&reader))
    case .plan: self = .plan(try BatchPlan(&reader))
    case .state: self = .state(try LoggedState(&reader))
    case .done: self = .done(try reader.time())
    case .progress:
      let input = try reader.integer()
      self = .progress(input: input, try reader.take(reader.left))
    case .sealed: self = .sealed
    case .stopped: self = .stopped
    }
    try reader.expectEnd()
  }
}

/// What a batch is given.
package struct BatchPlan {
  package var time: Time
  /// By number of the input, in the header of the segment.
  package var inputs: [(input: Int, plan: InputPlan)]
  /// How much of the segment is on the disk for certain: what is damaged before that is no torn end.
  package var syncedThrough: Int
  /// Whether the plan was copied from an older segment, and the batch is none of this segment's.
  package var isCopy: Bool

  package init(time: Time, inputs: [(input: Int, plan: InputPlan)], syncedThrough: Int, isCopy: Bool = false) {
    self.time = time
    self.inputs = inputs
    self.syncedThrough = syncedThrough
    self.isCopy = isCopy
  }

  func write(_ out: ByteBuffer) {
    out.append(time)
    out.append(isCopy ? 1 : 0)
    out.append(variable: UInt64(syncedThrough))
    out.append(variable: UInt64(inputs.count))
    for (input, plan) in inputs {
      out.append(variable: UInt64(input))
      out.append(plan.time)
      out.append(variable: UInt64(plan.records))
      out.append(variable: UInt64(plan.bytes.count))
      out.append(plan.bytes.base, count: plan.bytes.count)
    }
  }

  init(_ reader: inout ByteReader) throws {
    time = try reader.time()
    isCopy = try reader.fixed(UInt8.self) != 0
    syncedThrough = try reader.integer()
    inputs = []
    for _ in 0..<(try reader.count(minimumSize: 11)) {
      let input = try reader.integer()
      let time = try reader.time()
      let records = try reader.integer()
      let bytes = ByteBuffer(try reader.take(try reader.count()))
      inputs.append((input, InputPlan(time: time, records: records, bytes: bytes)))
    }
  }
}

/// State that a batch has changed.
package struct LoggedState {
  package var time: Time
  /// The number of the operator, in the header of the segment.
  package var stateOperator: Int
  package var kind: StateRecord.Kind
  package var partition: Int
  package var keysSet: Int
  package var keysRemoved: Int
  package var bytes: UnsafeRawBufferPointer

  static func write(_ record: StateRecord, of stateOperator: Int, at time: Time, to out: ByteBuffer) {
    out.append(time)
    out.append(variable: UInt64(stateOperator))
    out.append(record.kind.rawValue)
    out.append(variable: UInt64(record.partition))
    out.append(variable: UInt64(record.keysSet))
    out.append(variable: UInt64(record.keysRemoved))
    out.append(record.bytes.base, count: record.bytes.count)
  }

  init(_ reader: inout ByteReader) throws {
    time = try reader.time()
    stateOperator = try reader.integer()
    guard let kind = StateRecord.Kind(rawValue: try reader.fixed(UInt8.self)) else {
      throw ByteReader.Malformed(reason: "the kind of a state record is unknown")
    }
    self.kind = kind
    partition = try reader.integer()
    keysSet = try reader.integer()
    keysRemoved = try reader.integer()
    bytes = try reader.take(reader.left)
  }

  /// The record, whose bytes are those of the segment.
  func record(in segment: ByteBuffer) -> StateRecord {
    StateRecord(
      kind: kind, partition: partition, keysSet: keysSet, keysRemoved: keysRemoved,
      bytes: ByteBuffer(bytes, in: segment))
  }
}

extension ByteBuffer {
  /// A buffer with a copy of `bytes`.
  package convenience init(_ bytes: UnsafeRawBufferPointer) {
    self.init(capacity: bytes.count)
    if let start = bytes.baseAddress { append(start, count: bytes.count) }
  }

  package func append(_ time: Time) { append(fixed: time.nanoseconds) }
}

extension ByteReader {
  package mutating func time() throws -> Time { Time(nanoseconds: try fixed(Int64.self)) }
}
