/// A disturbance of a program's calls on files. `martlet_faults.h` describes each in detail.
public enum Fault: Sendable {
  /// The process is killed instead of the call.
  case killBefore(_ calls: Calls)
  /// The process is killed at the end of the call.
  case killAfter(_ calls: Calls)
  /// A write writes at most this number of bytes, then the process is killed.
  case tear(_ calls: Calls, bytes: Int)
  /// A write writes at most this number of bytes, and reports so, as writes may.
  case short(_ calls: Calls, bytes: Int)
  /// The call is not made and fails with this `errno`.
  case fail(_ calls: Calls, errno: Int32)
  /// The call is made late.
  case delay(_ calls: Calls, milliseconds: Int)

  /// The numbers of the calls that it may be meant for.
  var numbers: ClosedRange<Int> {
    switch self {
    case .killBefore(let calls), .killAfter(let calls), .tear(let calls, _), .short(let calls, _), .fail(let calls, _),
      .delay(let calls, _):
      calls.numbers ?? 1...Int.max
    }
  }

  /// The fault in the language of the library.
  var rule: String {
    switch self {
    case .killBefore(let calls): "kill-before\(calls.conditions)"
    case .killAfter(let calls): "kill-after\(calls.conditions)"
    case .tear(let calls, let bytes): "tear,bytes=\(bytes)\(calls.conditions)"
    case .short(let calls, let bytes): "short,bytes=\(bytes)\(calls.conditions)"
    case .fail(let calls, let errno): "error,errno=\(errno)\(calls.conditions)"
    case .delay(let calls, let milliseconds): "delay,ms=\(milliseconds)\(calls.conditions)"
    }
  }
}

/// The calls that a fault applies to: those that meet all conditions.
public struct Calls: Sendable {
  /// The numbers of the calls, beginning with 1. Reading calls have none.
  public var numbers: ClosedRange<Int>?
  /// The kinds of the calls.
  public var kinds: [CallKind]
  /// A pattern for the path below the folder, in which `*` also matches slashes.
  public var path: String?
  /// The range among the calls that meet all other conditions, counted from 1.
  public var matches: ClosedRange<Int>?
  /// A file whose existence is a condition. It must not be in the folder.
  public var whileExists: String?

  public init(
    numbers: ClosedRange<Int>? = nil, kinds: [CallKind] = [], path: String? = nil, matches: ClosedRange<Int>? = nil,
    whileExists: String? = nil
  ) {
    self.numbers = numbers
    self.kinds = kinds
    self.path = path
    self.matches = matches
    self.whileExists = whileExists
  }

  /// The call with this number.
  public static func number(_ number: Int) -> Calls { Calls(numbers: number...number) }

  /// The calls of these kinds on the paths that fit `path`.
  public static func of(_ kinds: CallKind..., path: String? = nil) -> Calls { Calls(kinds: kinds, path: path) }

  var conditions: String {
    var text = ""
    if let numbers { text += ",calls=\(numbers.lowerBound)-\(numbers.upperBound)" }
    if !kinds.isEmpty { text += ",kind=" + kinds.map(\.name).joined(separator: "+") }
    if let path { text += ",path=\(path)" }
    if let matches { text += ",nth=\(matches.lowerBound)-\(matches.upperBound)" }
    if let whileExists { text += ",while=\(whileExists)" }
    return text
  }
}

/// The operation of a call. Those up to `truncate` can change the contents of the disk: they are numbered and recorded.
public enum CallKind: UInt8, Sendable {
  case create = 1, write, sync, rename, link, unlink, mkdir, rmdir, truncate
  case open, read, close, list, entry, stat

  var name: String { "\(self)" }
}
