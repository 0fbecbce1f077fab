// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Ownable} from "@openzeppelin/contracts/access/Ownable.sol";
import {Ownable2Step} from "@openzeppelin/contracts/access/Ownable2Step.sol";
import {IERC20Permit} from "@openzeppelin/contracts/token/ERC20/extensions/IERC20Permit.sol";
import {Multicallable} from "solady/utils/Multicallable.sol";

import {Book} from "./Book.sol";
import {IExchange, Market, Outcome} from "./IDelphi.sol";
import {Markets} from "./Markets.sol";
import {Payouts} from "./Payouts.sol";
import {Trades} from "./Trades.sol";

/// @title Delphi
/// @notice Markets on who wins a contest (docs/spec/delphi.md). All of `IDelphi` is called here. This contract has what
/// those who hold shares do, and governance; the rest runs from `Markets` on this contract's storage, since one
/// contract cannot hold both (EIP-170).
/// @dev The token is $AI, which calls nobody back. A contest is only asked, never trusted: its answers concern its own
/// market, and what it could call back finds every amount booked. Storage begins with that of `Book`, as in `Markets`.
contract Delphi is Trades, Payouts, Multicallable, Ownable2Step {
    uint256 public constant MAX_PROTOCOL_BPS = 5_000;

    address private immutable _marketsPart;

    error Delphi_ZeroAddress();

    constructor(address owner, address token_, address treasury, uint16 protocolBps)
        Book(token_)
        Ownable(owner)
    {
        if (token_ == address(0)) revert Delphi_ZeroAddress();
        _setProtocol(treasury, protocolBps);
        _marketsPart = address(new Markets(token_));
    }

    /// @dev Everything else, with the same calldata and sender.
    fallback() external {
        address part = _marketsPart;
        assembly ("memory-safe") {
            let free := mload(0x40)
            calldatacopy(free, 0, calldatasize())
            let ok := delegatecall(gas(), part, free, calldatasize(), 0, 0)
            returndatacopy(free, 0, returndatasize())
            if iszero(ok) { revert(free, returndatasize()) }
            return(free, returndatasize())
        }
    }

    // ------------------------------------------------------------------------------------------------
    // The protocol's side
    // ------------------------------------------------------------------------------------------------

    /// @inheritdoc IExchange
    function permit(uint256 amount, uint256 deadline, uint8 v, bytes32 r, bytes32 s) external {
        try IERC20Permit(token).permit(msg.sender, address(this), amount, deadline, v, r, s) {}
            catch {}
    }

    /// @inheritdoc IExchange
    function setProtocol(address treasury, uint16 protocolBps) external onlyOwner {
        _setProtocol(treasury, protocolBps);
    }

    /// @inheritdoc IExchange
    function protocol() external view returns (address treasury, uint16 protocolBps) {
        return (_treasury, _protocolBps);
    }

    function _setProtocol(address treasury, uint16 protocolBps) private {
        if (treasury == address(0)) revert Delphi_ZeroAddress();
        if (protocolBps > MAX_PROTOCOL_BPS) revert Delphi_BadTerms("protocolBps");
        (_treasury, _protocolBps) = (treasury, protocolBps);
        emit ProtocolSet(treasury, protocolBps);
    }

    /// @inheritdoc IExchange
    function setPaused(bool paused) external onlyOwner {
        _paused = paused;
        emit PausedSet(paused);
    }

    /// @inheritdoc IExchange
    function setHalted(uint256 market, bool halted) external onlyOwner {
        _market(market).isHalted = halted;
        emit HaltedSet(market, halted);
    }

    // ------------------------------------------------------------------------------------------------
    // Views
    // ------------------------------------------------------------------------------------------------

    /// @inheritdoc IExchange
    function marketOf(uint256 market) external view returns (Market memory) {
        return _market(market);
    }

    /// @inheritdoc IExchange
    function outcomeOf(uint256 market, uint256 outcome) external view returns (Outcome memory) {
        return _outcome(_market(market), market, outcome);
    }
}
