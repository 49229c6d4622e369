/// The line of the user's program that called an operation.
public struct CallSite: Sendable, Hashable, Codable, CustomStringConvertible {
  /// The module and file, as in `#fileID`.
  public let file: String
  /// The line, from 1.
  public let line: UInt

  public init(file: StaticString, line: UInt) {
    self.file = file.description
    self.line = line
  }

  public var description: String { "\(file):\(line)" }
}

/// The name of an operation, and the line of the user's program that called it.
public final class OperatorSite: Sendable {
  public let name: String
  private let file: StaticString
  private let line: UInt

  public init(_ name: String, _ file: StaticString, _ line: UInt) {
    self.name = name
    self.file = file
    self.line = line
  }

  public var callSite: CallSite { CallSite(file: file, line: line) }

  /// `error` with the operator that it comes from; unchanged if an inner operator has already been added.
  package func failure(_ error: any Error) -> any Error {
    if error is OperatorFailure || error is MartletError { return error }
    return OperatorFailure(operatorName: name, callSite: callSite, partition: nil, underlying: error)
  }

  /// `failure` for an error of a user's closure, including errors that Martlet threw in it, such as for the value of a
  /// broadcast, unless they name a place.
  package func failure(ofClosure error: any Error) -> any Error {
    guard let own = error as? MartletError, own.code != .cancelled, own.code != .nestedAction,
      !own.message.contains(callSite.description)
    else { return failure(error) }
    return OperatorFailure(operatorName: name, callSite: callSite, partition: nil, underlying: error)
  }

  /// `failure` for an error of a source: Martlet's own errors keep their code, and name the operator that reads.
  package func failure(ofSource error: any Error) -> any Error {
    guard let own = error as? MartletError, own.code != .cancelled, own.code != .nestedAction,
      !own.message.contains(callSite.description)
    else { return failure(error) }
    return MartletError(own.code, "\(name) at \(callSite): \(own.message)")
  }
}

/// An error that a user's closure threw.
public struct OperatorFailure: Error, CustomStringConvertible {
  /// The operator whose closure threw, such as `map`.
  public let operatorName: String
  /// The line of the program that called the operator.
  public let callSite: CallSite
  /// The partition of the failed task, from 0.
  public package(set) var partition: Int?
  /// The error that the closure threw.
  public let underlying: any Error

  public var description: String {
    let place = partition.map { ", partition \($0)" } ?? ""
    return "\(operatorName) at \(callSite)\(place) failed: \(underlying)"
  }
}
