// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @notice A token that says false instead of reverting, once it was told to.
contract FalseToken {
    mapping(address owner => uint256) public balanceOf;
    bool public refuses;

    function setRefuses(bool refuses_) external {
        refuses = refuses_;
    }

    function mint(address to, uint256 amount) external {
        balanceOf[to] += amount;
    }

    function transfer(address to, uint256 amount) external returns (bool) {
        return move(msg.sender, to, amount);
    }

    function transferFrom(address from, address to, uint256 amount) external returns (bool) {
        return move(from, to, amount);
    }

    function move(address from, address to, uint256 amount) private returns (bool) {
        if (refuses || balanceOf[from] < amount) return false;
        balanceOf[from] -= amount;
        balanceOf[to] += amount;
        return true;
    }
}
