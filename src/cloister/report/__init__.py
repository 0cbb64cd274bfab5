"""One HTML file that shows people what an audit found."""
