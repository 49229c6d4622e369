/// A call that the library has recorded.
public struct TracedCall: Sendable {
  public struct Flags: OptionSet, Sendable {
    public let rawValue: UInt8
    public init(rawValue: UInt8) { self.rawValue = rawValue }
    public static let created = Flags(rawValue: 1)
    public static let truncated = Flags(rawValue: 2)
    public static let exchange = Flags(rawValue: 4)
    public static let synced = Flags(rawValue: 8)
    public static let injected = Flags(rawValue: 16)
  }

  public var number: Int
  public var kind: CallKind
  public var flags: Flags
  /// `errno`, or 0.
  public var error: Int32
  /// The number of the file or folder of the call; for a rename or link, of the file that `path` names.
  public var inode: UInt64
  /// The position of a write, or the new size of a truncated file.
  public var offset: Int
  /// Relative to the folder, which is `.` itself.
  public var path: String
  /// The new name, for renames and links.
  public var secondPath: String
  /// The bytes written.
  public var data: [UInt8]

  /// A call that no program made, for tests of the model.
  public init(
    _ kind: CallKind, _ path: String, to secondPath: String = "", inode: UInt64 = 0, offset: Int = 0,
    data: [UInt8] = [], flags: Flags = [], error: Int32 = 0
  ) {
    number = 0
    self.kind = kind
    self.flags = flags
    self.error = error
    self.inode = inode
    self.offset = offset
    self.path = path
    self.secondPath = secondPath
    self.data = data
  }
}

extension TracedCall: CustomStringConvertible {
  public var description: String {
    var text = "\(number) \(kind.name) \(path)"
    if !secondPath.isEmpty { text += " -> \(secondPath)" }
    if kind == .write { text += " [\(offset)..<\(offset + data.count)]" }
    if error != 0 { text += " (errno \(error))" }
    return text
  }
}

/// All calls with which a program changed the contents of a folder, in their order.
public struct Trace: Sendable {
  public var calls: [TracedCall] = []

  /// Reads the records of the library. An incomplete last record, of a process that was killed by another cause, is
  /// left out.
  public init(_ bytes: [UInt8]) throws {
    var start = 0
    while start + 4 <= bytes.count {
      let size = Int(bytes.number(at: start, as: UInt32.self))
      guard start + size <= bytes.count else { break }
      calls.append(try TracedCall(Array(bytes[start..<start + size])))
      start += size
    }
  }

  /// The marks that the program set with `mark`, with the numbers of the calls.
  public var marks: [(number: Int, name: String)] {
    calls.compactMap { call in call.mark.map { (call.number, $0) } }
  }
}

extension TracedCall {
  fileprivate static let headerSize = 40

  fileprivate init(_ record: [UInt8]) throws {
    guard record.count >= Self.headerSize, let kind = CallKind(rawValue: record[8]) else {
      throw TortureError("The trace is damaged.")
    }
    let pathEnd = Self.headerSize + Int(record.number(at: 10, as: UInt16.self))
    let secondEnd = pathEnd + Int(record.number(at: 12, as: UInt16.self))
    guard secondEnd + Int(record.number(at: 20, as: UInt32.self)) == record.count else {
      throw TortureError("The trace is damaged.")
    }
    number = Int(record.number(at: 4, as: UInt32.self))
    self.kind = kind
    flags = Flags(rawValue: record[9])
    error = record.number(at: 16, as: Int32.self)
    inode = record.number(at: 24, as: UInt64.self)
    offset = Int(record.number(at: 32, as: Int64.self))
    path = String(decoding: record[Self.headerSize..<pathEnd], as: UTF8.self)
    secondPath = String(decoding: record[pathEnd..<secondEnd], as: UTF8.self)
    data = Array(record[secondEnd...])
  }
}

extension [UInt8] {
  /// The number whose bytes begin at `offset`, in the byte order of the machine.
  fileprivate func number<Number: FixedWidthInteger>(at offset: Int, as: Number.Type) -> Number {
    withUnsafeBytes { $0.loadUnaligned(fromByteOffset: offset, as: Number.self) }
  }
}
