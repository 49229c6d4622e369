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

/// Numbers that a program shows to whoever watches it, in a file that both have mapped. What it has shown is there when
/// it has been killed.
package final class ProgramStatus: @unchecked Sendable {
  package enum Field: Int {
    /// 1 when the program may be fed.
    case started
    /// Batches that were planned, and batches that were committed, by this process.
    case planned, committed
    /// The time of the last batch that is done, in milliseconds since 1970.
    case completedTime
    /// How many steps of any kind there were.
    case steps
    /// Records that are being computed and take their time.
    case computing
  }

  private static let size = 4096
  private let words: UnsafeMutablePointer<Atomic<Int>>

  /// - Parameter path: made if it is missing.
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

  /// Whether a batch was planned that is not committed.
  package var isInsideBatch: Bool { self[.planned] > self[.committed] }
}
