/// The bytes of one file: those that a program reads, and those that remain after a power failure.
struct FileModel: Sendable {
  /// A change that is not certain to be on the disk, or that depends on such a change.
  struct Change: Sendable {
    enum Effect: Sendable {
      case bytes(offset: Int, [UInt8])
      case size(Int)
    }
    enum Standing: Sendable {
      case pending
      /// The change is on the disk.
      case durable
      /// A sync failed: the system may have discarded the bytes, and a later sync does not restore them.
      case lost
    }

    var effect: Effect
    var standing = Standing.pending
  }

  /// The fate of the uncertain changes when the power fails.
  enum Outcome: Hashable, Sendable {
    /// None has reached the disk.
    case none
    /// All have reached the disk.
    case all
    /// The file has its new size, but zeros where bytes were changed.
    case zeros
    /// The first half of the last change reached the disk; the file ends there unless it was longer before.
    case torn
    /// Only the second half of the last change reached the disk.
    case secondHalf
    /// All but this one reached the disk.
    case without(Int)
  }

  /// The number of bytes that a disk writes at once.
  static let sectorSize = 512

  /// The bytes that a program reads.
  private(set) var current: [UInt8]
  private var base: [UInt8]
  private var changes: [Change] = []

  init(_ bytes: [UInt8] = []) {
    current = bytes
    base = bytes
  }

  var hasPending: Bool { !changes.isEmpty }

  mutating func change(_ effect: Change.Effect, isDurable: Bool = false) {
    Self.apply(effect, to: &current)
    changes.append(Change(effect: effect))
    if isDurable { synchronize() }
  }

  /// Marks the bytes as on the disk.
  mutating func synchronize() {
    for i in changes.indices where changes[i].standing == .pending { changes[i].standing = .durable }
    while changes.first?.standing == .durable { Self.apply(changes.removeFirst().effect, to: &base) }
  }

  /// Marks a failed sync of the bytes.
  mutating func failToSynchronize() {
    for i in changes.indices where changes[i].standing == .pending { changes[i].standing = .lost }
  }

  /// All outcomes worth testing.
  var outcomes: [Outcome] {
    guard hasPending else { return [.all] }
    let open = changes.indices.filter { changes[$0].standing != .durable }
    // Of many changes, the first and the last ones.
    let dropped = open.count > 8 ? open.prefix(4) + open.suffix(4) : open[...]
    return [.none, .all, .zeros, .torn, .secondHalf] + (open.count > 1 ? dropped.map { .without($0) } : [])
  }

  /// The bytes of the file after such an outcome.
  func bytes(_ outcome: Outcome) -> [UInt8] {
    var bytes = base
    let last = changes.lastIndex { $0.standing != .durable }
    for (i, change) in changes.enumerated() {
      if change.standing == .durable {
        Self.apply(change.effect, to: &bytes)
        continue
      }
      switch outcome {
      case .all: Self.apply(change.effect, to: &bytes)
      case .none: break
      case .zeros: Self.apply(change.effect.zeros, to: &bytes)
      case .without(let dropped): if i != dropped { Self.apply(change.effect, to: &bytes) }
      case .torn: Self.apply(i == last ? change.effect.halves.first : change.effect, to: &bytes)
      case .secondHalf: Self.apply(i == last ? change.effect.halves.second : change.effect, to: &bytes)
      }
    }
    return bytes
  }

  private static func apply(_ effect: Change.Effect, to bytes: inout [UInt8]) {
    switch effect {
    case .size(let size): resize(&bytes, size)
    case .bytes(let offset, let data):
      if bytes.count < offset + data.count { resize(&bytes, offset + data.count) }
      bytes.replaceSubrange(offset..<offset + data.count, with: data)
    }
  }

  private static func resize(_ bytes: inout [UInt8], _ size: Int) {
    if size < bytes.count {
      bytes.removeLast(bytes.count - size)
    } else {
      bytes += [UInt8](repeating: 0, count: size - bytes.count)
    }
  }
}

extension FileModel.Change.Effect {
  /// The same change with zeros for bytes.
  var zeros: Self {
    if case .bytes(let offset, let data) = self {
      return .bytes(offset: offset, [UInt8](repeating: 0, count: data.count))
    }
    return self
  }

  /// The change, cut in two at a sector boundary. A change that cannot be cut is either there or not.
  var halves: (first: Self, second: Self) {
    guard case .bytes(let offset, let data) = self else { return (self, self) }
    let sector = FileModel.sectorSize
    let cut = (offset + data.count / 2 + sector - 1) / sector * sector - offset
    guard cut < data.count else { return (self, self) }
    return (.bytes(offset: offset, Array(data[..<cut])), .bytes(offset: offset + cut, Array(data[cut...])))
  }
}
