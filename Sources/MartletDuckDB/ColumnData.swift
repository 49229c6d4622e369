// Unsafe code. Invariant: `base` has space for `capacity` values of `type.stride` bytes, and `validity`, if there is one,
// for a bit for each of them. Only one builder writes, and none after `count` has been set by `finish`. The addresses in
// strings are those of bytes in `owners`, which never change.

public import MartletCore

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// The values of a column in one piece of a table, in the form in which DuckDB's vectors have them.
@usableFromInline package final class ColumnData: @unchecked Sendable {
  // Sendable: only its builder writes to it, before it is shared.
  @usableFromInline package let type: ColumnType
  /// The number of values.
  package internal(set) var count = 0
  /// The values.
  @usableFromInline var base: UnsafeMutableRawPointer
  /// A bit for each value, 0 for null; `nil` if there is no null.
  @usableFromInline var validity: UnsafeMutablePointer<UInt64>?
  /// The number of values for which there is memory; a multiple of 64.
  @usableFromInline var capacity: Int
  /// The buffers into which strings point.
  @usableFromInline var owners: [TextBuffer] = []

  /// The reason why a value is missing; `nil` if none is.
  var refusal: String?

  init(_ type: ColumnType, capacity: Int) {
    self.type = type
    self.capacity = (max(capacity, 64) + 63) & ~63
    guard let base = malloc(self.capacity * type.stride) else { fatalError("There is no memory left for a column.") }
    self.base = base
  }

  deinit {
    free(base)
    free(validity)
  }

  /// Doubles the capacity.
  func grow() {
    let old = capacity
    capacity *= 2
    guard let larger = realloc(base, capacity * type.stride) else {
      fatalError("There is no memory left for a column.")
    }
    base = larger
    if let validity {
      guard let larger = realloc(validity, capacity / 8) else { fatalError("There is no memory left for a column.") }
      let words = larger.assumingMemoryBound(to: UInt64.self)
      (words + old / 64).initialize(repeating: .max, count: (capacity - old) / 64)
      self.validity = words
    }
  }

  /// Marks a value as null.
  func setNull(_ row: Int) {
    if validity == nil {
      guard let memory = malloc(capacity / 8) else { fatalError("There is no memory left for a column.") }
      let words = memory.assumingMemoryBound(to: UInt64.self)
      words.initialize(repeating: .max, count: capacity / 64)
      validity = words
    }
    // Safe: set above.
    validity.unsafelyUnwrapped[row >> 6] &= ~(1 << UInt64(row & 63))
  }

  /// The bytes of memory that the column occupies, with those of its strings' buffers.
  package var memory: Int {
    capacity * type.stride + (validity == nil ? 0 : capacity / 8) + owners.reduce(0) { $0 + $1.capacity }
  }
}
