#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

import MartletTorture
import Synchronization

// Unsafe code. Invariant: the page is mapped for as long as this object lives, and holds words of 8 bytes, all used as
// atomics; the file begins with zeros, which are valid ones.

/// Numbers that a program shows to an observer, in a file that both have mapped. They remain when the program has been
/// killed.
package final class ProgramStatus: @unchecked Sendable {
  package enum Field: Int {
    /// 1 when the program can accept records.
    case started
    /// Batches that were planned, and batches that were committed, by this process.
    case planned, committed
    /// The time of the last complete batch, in milliseconds since 1970.
    case completedTime
    /// The number of steps of any kind.
    case steps
    /// Slow records that are being computed.
    case computing
  }

  private static let size = 4096
  private let words: UnsafeMutablePointer<Atomic<Int>>

  /// - Parameter path: the path of the file, which is created if it is missing.
  package init(_ path: String) throws {
    let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o644)
    guard descriptor >= 0, ftruncate(descriptor, off_t(Self.size)) == 0 else {
      throw TortureError("Cannot make '\(path)': errno \(errno).")
    }
    defer { close(descriptor) }
    let page = mmap(nil, Self.size, PROT_READ | PROT_WRITE, MAP_SHARED, descriptor, 0)
    guard let page, page != MAP_FAILED else { throw TortureError("Cannot map '\(path)': errno \(errno).") }
    words = page.bindMemory(to: Atomic<Int>.self, capacity: Self.size / 8)
  }

  deinit { munmap(words, Self.size) }

  package subscript(_ field: Field) -> Int {
    get { words[field.rawValue].load(ordering: .sequentiallyConsistent) }
    set { words[field.rawValue].store(newValue, ordering: .sequentiallyConsistent) }
  }

  package func count(_ field: Field, _ change: Int = 1) {
    words[field.rawValue].wrappingAdd(change, ordering: .sequentiallyConsistent)
  }

  /// True if a batch was planned and not yet committed.
  package var isInsideBatch: Bool { self[.planned] > self[.committed] }
}
