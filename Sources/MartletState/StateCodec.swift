// Unsafe code. Invariant: as in `ElementCodec`; `Touched.each` points to one time for each key.

public import MartletCore

/// Writes keys and their states into records, and reads them.
package struct StateCodec<Key: Hashable, State>: Sendable {
  let key: ElementCodec<Key>
  let pair: ElementCodec<(Key, State)>

  /// The forms of keys and states, for the operator's id.
  package let forms: (key: String, state: String)

  /// Returns `nil` if keys or states have no codec.
  package init?() {
    guard let key = ElementCodec<Key>.makeDurable(), let state = ElementCodec<State>.makeDurable() else { return nil }
    self.key = key
    pair = .pair(key, state)
    forms = (key.form, state.form)
  }

  /// The form in which values of a type are written; `nil` if they cannot be.
  package static func form<Value>(of type: Value.Type) -> String? { ElementCodec<Value>.makeDurable()?.form }

  /// The times when keys were last touched.
  enum Touched {
    case all(Int64)
    case each(UnsafePointer<Int64>)
  }

  func write(
    set base: UnsafePointer<(Key, State)>, _ count: Int, touched: Touched, to out: ByteBuffer
  ) throws {
    try frame(.set, count, to: out) {
      switch touched {
      case .all(let time):
        out.append(1)
        out.append(fixed: time)
      case .each(let times):
        out.append(2)
        for i in 0..<count { out.append(fixed: times[i]) }
      }
      try pair.encode(base, count, into: out)
    }
  }

  func write(removed base: UnsafePointer<Key>, _ count: Int, to out: ByteBuffer) throws {
    try frame(.remove, count, to: out) { try key.encode(base, count, into: out) }
  }

  /// Writes a frame: the operation, the number of keys, the number of bytes that follow, and these bytes.
  private func frame(_ operation: StateOperation, _ count: Int, to out: ByteBuffer, _ body: () throws -> Void) throws {
    if out.count == 0 { out.append(StateFrameBytes.version) }
    out.append(operation.rawValue)
    out.append(fixed: UInt32(truncatingIfNeeded: count))
    let lengthAt = out.count
    out.append(fixed: UInt32(0))
    let begin = out.count
    try body()
    guard let length = UInt32(exactly: out.count - begin) else {
      throw MartletError(.invalidArgument, "\(count) keys with their states exceed 4 GB.")
    }
    out.replace(at: lengthAt, with: length)
  }
}

/// A step of replaying a record.
@usableFromInline package struct StateFrame<Key: Hashable, State>: ~Copyable {
  /// Keys that are set, with their states.
  @usableFromInline let sets: ElementBuffer<(Key, State)>
  /// Keys that are removed.
  @usableFromInline let removals: ElementBuffer<Key>
  /// The times when the keys were touched: one for each that is set, or one for all.
  @usableFromInline let times: [Int64]

  init(sets: ElementBuffer<(Key, State)>, removals: ElementBuffer<Key>, times: [Int64]) {
    self.sets = sets
    self.removals = removals
    self.times = times
  }
}

/// A step of a record, with its keys and states still as bytes.
struct StateFrameBytes {
  var isRemoval: Bool
  var count: Int
  /// The times when the keys were touched: one for each that is set, or one for all.
  var times: [Int64]
  /// The keys, with their states if they are set.
  var content: UnsafeRawBufferPointer

  /// The version of records written by this release.
  static let version: UInt8 = 1

  /// Reads the beginning of a record. Throws `ByteReader.Malformed` for invalid bytes.
  static func begin(_ bytes: inout ByteReader) throws {
    let version = try bytes.fixed(UInt8.self)
    guard version == Self.version else {
      throw ByteReader.Malformed(reason: "its version is \(version), but this release reads version \(Self.version)")
    }
  }

  /// The next step of a record; `nil` at its end.
  init?(_ bytes: inout ByteReader, keysHaveSize: Bool) throws {
    guard bytes.left > 0 else { return nil }
    let operation = try bytes.fixed(UInt8.self)
    count = Int(try bytes.fixed(UInt32.self))
    var content = ByteReader(try bytes.take(Int(try bytes.fixed(UInt32.self))))
    // There could be any number of keys without a size.
    guard count > 0, count <= content.left || !keysHaveSize else {
      throw ByteReader.Malformed(reason: "a count in it is too large")
    }
    times = []
    switch StateOperation(rawValue: operation) {
    case .set:
      isRemoval = false
      let kind = try content.fixed(UInt8.self)
      guard kind == 1 || kind == 2 else { throw ByteReader.Malformed(reason: "times in it are of an unknown kind") }
      for _ in 0..<(kind == 2 ? count : 1) { times.append(try content.fixed(Int64.self)) }
    case .remove: isRemoval = true
    case nil: throw ByteReader.Malformed(reason: "a step in it is of an unknown kind")
    }
    self.content = try content.take(content.left)
  }
}

/// The operation of a step on its keys.
enum StateOperation: UInt8 {
  case set = 1
  case remove = 2
}

/// Reads a record frame by frame. Throws `ByteReader.Malformed` for invalid bytes.
package struct StateReplay<Key: Hashable, State> {
  private let codec: StateCodec<Key, State>
  private var bytes: ByteReader

  package init(_ bytes: UnsafeRawBufferPointer, _ codec: StateCodec<Key, State>) throws {
    self.codec = codec
    self.bytes = ByteReader(bytes)
    try StateFrameBytes.begin(&self.bytes)
  }

  package mutating func next() throws -> StateFrame<Key, State>? {
    let keysHaveSize = MemoryLayout<(Key, State)>.size > 0
    guard let frame = try StateFrameBytes(&bytes, keysHaveSize: keysHaveSize) else { return nil }
    if frame.isRemoval {
      let removals = ElementBuffer<Key>(capacity: frame.count)
      try codec.key.decode(frame.content, frame.count, to: removals.base)
      removals.count = frame.count
      return StateFrame(sets: ElementBuffer(), removals: removals, times: [])
    }
    let sets = ElementBuffer<(Key, State)>(capacity: frame.count)
    try codec.pair.decode(frame.content, frame.count, to: sets.base)
    sets.count = frame.count
    return StateFrame(sets: sets, removals: ElementBuffer(), times: frame.times)
  }
}
